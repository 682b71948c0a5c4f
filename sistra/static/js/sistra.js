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

  /* One line at the foot of the window says what a key or a button did. */
  const line = first("[data-told]"), word = name => (line && line.dataset[name]) || "";
  const tell = text => { if (line) line.textContent = text; };
  const token = form => (first("[name=csrf_token]", form) || {}).value || "";
  const post = (form, address, body) => fetch(address, {
    method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token(form), Accept: "application/json" } });
  const lapsed = answer => answer.redirected || answer.status === 400 || answer.status === 401;

  /* A second submit while the first is under way is ignored, and said; the button stays enabled. A download leaves the
     page as it is: its button soon works again. */
  const sent = new WeakSet();
  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) { event.preventDefault(); tell(word("sent")); return; }
    sent.add(form);
    setTimeout(() => { sent.delete(form); if (line && line.textContent === word("sent")) tell(""); }, form.dataset.downloads === undefined ? 15000 : 2000);
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
    async function save() {
      if (!dirty || busy || leaving) return;
      busy = true; dirty = false;
      try {
        const answer = await post(form, form.dataset.autosave, new FormData(form));
        if (lapsed(answer)) { dirty = true; say(words.lapsed || "", true); return; }
        if (!answer.ok) throw new Error(String(answer.status));
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

  /* Ctrl+S on any other form: kept for its page, without files; never what holds a password. */
  const keepForm = async form => {
    if (first("[type=password]", form) || !line) { tell(word("button")); return; }
    const page = new URL(form.action), body = new FormData(form);
    all("[type=file]", form).forEach(box => body.delete(box.name));
    try {
      const answer = await post(form, `${line.dataset.keep}?pagina=${encodeURIComponent(page.pathname + page.search)}`, body);
      tell(answer.ok && !answer.redirected ? word("kept").replace("{time}", (await answer.json()).saved_at) : lapsed(answer) ? word("lapsed") : word("button"));
    } catch { tell(word("unkept")); }
  };

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

  /* Keys. Ctrl+S keeps what is typed anywhere, Ctrl+Enter presses the main button; the single ones never while typing, and not when switched off. */
  const keys = { n: "[data-key=n]", e: "[data-key=e]" };
  const typing = target => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const pressed = {
    "/": () => { const box = first("#q"); if (box) box.focus(); },
    "?": () => { const help = first("[data-shortcut-help]"); if (help) { if (help.href) help.click(); else help.hidden = !help.hidden; } },
  };
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.form;
      const main = form && (first("[data-again]", form) || first("button.govuk-button:not(.govuk-button--secondary):not([type=button])", form));
      if (main) { event.preventDefault(); main.click(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      const form = first("form[data-autosave]"), draft = first("[data-draft][value=borrador]");
      const other = event.target.form && event.target.closest("main") ? event.target.form : first("main form.s-form[method=post]");
      if (form || draft || other) event.preventDefault();
      if (form) form.saveNow(); else if (draft) draft.click(); else if (other) keepForm(other);
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const link = keys[event.key] && first(keys[event.key]);
    if (link) { event.preventDefault(); link.click(); }
    else if (pressed[event.key]) { event.preventDefault(); pressed[event.key](); }
  });
})();
