/* SISTRA: small comforts over pages that work without it. Nothing is written to the browser's storage. */
(() => {
  "use strict";
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const first = (selector, within = document) => within.querySelector(selector);

  /* The error summary, or else a message of success, takes the focus. */
  const told = first("[data-focus]") || first(".govuk-notification-banner--success");
  if (told) told.focus();

  /* On a narrow screen the filters start folded. */
  if (window.matchMedia("(max-width: 820px)").matches) all("[data-folds-when-narrow]").forEach(fold => { fold.open = false; });

  /* Conditional fields: "field=A,B", "field=*" (answered), "field!=A". They stay visible
     when the trigger is on another page or reserved. A trigger that is itself hidden answers nothing. */
  const answersTo = (form, name) => all(`[name="${name}"], [name="${name}-unknown"]`, form)
    .filter(box => !/^(checkbox|radio)$/.test(box.type) || box.checked)
    .flatMap(box => box.selectedOptions ? Array.from(box.selectedOptions, option => option.value) : [box.value])
    .filter(value => value !== "");
  const met = (form, said) => {
    const [, name, not, wanted] = /^([^!=]+)(!?)=(.*)$/.exec(said);
    const given = answersTo(form, name), values = wanted.split(",");
    if (values.includes("*")) return given.some(value => value !== "NSP" && value !== "N/C");
    return given.some(value => values.includes(value) !== Boolean(not));
  };
  const conditional = all("[data-shown-when]").filter(box => {
    const name = box.dataset.shownWhen.split(/!?=/)[0];
    const trigger = box.closest("form") && first(`[name="${name}"]`, box.closest("form"));
    return trigger && !trigger.closest(".s-reserved");
  });
  const showConditional = () => conditional.forEach(box => {
    const hasError = first(".govuk-error-message", box);
    const form = box.closest("form"), said = box.dataset.shownWhen;
    const above = first(`[name="${said.split(/!?=/)[0]}"]`, form).closest("[data-shown-when]");
    box.hidden = !hasError && !(above && above.hidden ? said.includes("!=") : met(form, said));
  });
  conditional.forEach(box => box.classList.add("s-hides"));
  showConditional();
  document.addEventListener("change", showConditional);

  /* "Select all" exists only with script. */
  all("[data-select-all]").forEach(box => {
    box.hidden = false;
    box.addEventListener("change", () => {
      all("tbody input[type=checkbox][name=select]", box.closest("table")).forEach(one => { one.checked = box.checked; });
    });
  });

  /* A second submit while the first is under way is ignored; the button stays enabled. */
  const sent = new WeakSet();
  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) { event.preventDefault(); return; }
    sent.add(form);
    setTimeout(() => sent.delete(form), 15000);
  });
  window.addEventListener("pageshow", event => { if (event.persisted) all("form").forEach(form => sent.delete(form)); });

  /* Autosave of drafts: 5 s after typing stops and on leaving a section; kept in the page and tried again while the line is down. */
  const PAUSE = 5000, LONGEST_WAIT = 60000, ANNOUNCE = 60000;
  all("form[data-autosave]").forEach(form => {
    const status = first("[data-autosave-status]"), words = status ? status.dataset : {};
    let dirty = false, busy = false, leaving = false, timer = 0, wait = PAUSE, announced = 0;
    const say = (text, urgent) => {
      if (!status) return;
      const silent = !urgent && Date.now() - announced < ANNOUNCE;
      status.setAttribute("aria-live", silent ? "off" : "polite");
      status.textContent = text;
      if (!silent) announced = Date.now();
    };
    const plan = delay => { clearTimeout(timer); timer = setTimeout(save, delay); };
    const token = () => (first("[name=csrf_token]", form) || {}).value || "";
    async function save() {
      if (!dirty || busy || leaving) return;
      busy = true; dirty = false;
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-CSRFToken": token(), Accept: "application/json" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        say((words.saved || "").replace("{time}", (await answer.json()).saved_at));
        wait = PAUSE;
        if (dirty) plan(PAUSE);
      } catch {
        dirty = true;
        say(words.failed || "", wait === PAUSE);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        plan(wait);
      } finally { busy = false; }
    }
    const changed = () => { dirty = true; plan(wait); };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    all("fieldset", form).forEach(group => group.addEventListener("focusout", event => {
      if (!group.contains(event.relatedTarget) && wait === PAUSE) save();
    }));
    form.addEventListener("submit", event => { leaving = !event.defaultPrevented; });
    window.addEventListener("online", () => { wait = PAUSE; save(); });
    window.addEventListener("beforeunload", event => { if (dirty && !leaving) event.preventDefault(); });
    form.saveNow = () => { dirty = true; save(); };
  });

  /* A button beside each password box shows and hides what is typed. */
  document.querySelectorAll("input[data-show-password]").forEach(box => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary s-show";
    const name = () => { button.textContent = box.type === "password" ? box.dataset.showPassword : box.dataset.hidePassword; };
    button.addEventListener("click", () => { box.type = box.type === "password" ? "text" : "password"; name(); box.focus(); });
    button.setAttribute("aria-controls", box.id);
    name();
    box.after(button);
  });

  /* Keys. Ctrl+S saves the draft anywhere; the single ones never while typing, and not when switched off. */
  const keys = { n: "[data-key=n]", e: "[data-key=e]" };
  const typing = target => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const pressed = {
    "/": () => { const box = first("#q"); if (box) box.focus(); },
    "?": () => { const help = first("[data-shortcut-help]"); if (help) { if (help.href) help.click(); else help.hidden = !help.hidden; } },
  };
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const again = event.target.form && first("[data-again]", event.target.form);
      if (again) { event.preventDefault(); again.click(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      const form = first("form[data-autosave]"), draft = first("[data-draft]");
      if (form) { event.preventDefault(); form.saveNow(); } else if (draft) { event.preventDefault(); draft.click(); }
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const link = keys[event.key] && first(keys[event.key]);
    if (link) { event.preventDefault(); link.click(); }
    else if (pressed[event.key]) { event.preventDefault(); pressed[event.key](); }
  });
})();
