/* SISTRA: small comforts over pages that work without it. Nothing is written to the browser's storage. */
(() => {
  "use strict";
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const first = (selector, within = document) => within.querySelector(selector);
  const on = (target, type, heard) => target.addEventListener(type, heard);

  /* The error summary, or else a message of success, takes the focus. */
  const told = first("[data-focus]") || first(".govuk-notification-banner--success");
  if (told) told.focus();

  /* On a narrow screen the filters start folded. */
  if (window.matchMedia("(max-width: 820px)").matches) all("[data-folds-when-narrow]").forEach(fold => { fold.open = false; });

  /* Conditional fields: "field=A,B", "field=*" (answered), "field!=A". They stay visible when the trigger is on another page
     or reserved. A trigger that is itself hidden answers nothing. */
  const conditional = all("[data-shown-when]").map(box => {
    const [, name, not, wanted] = /^([^!=]+)(!?)=(.*)$/.exec(box.dataset.shownWhen), form = box.closest("form");
    return { box, form, name, not, values: wanted.split(","), trigger: form && first(`[name="${name}"]`, form) };
  }).filter(({ trigger }) => trigger && !trigger.closest(".s-reserved"));
  const met = ({ form, name, not, values }) => all(`[name="${name}"], [name="${name}-unknown"]`, form)
    .filter(box => !/^(checkbox|radio)$/.test(box.type) || box.checked)
    .flatMap(box => box.selectedOptions ? Array.from(box.selectedOptions, option => option.value) : [box.value])
    .filter(Boolean)
    .some(value => values.includes("*") ? value !== "NSP" && value !== "N/C" : values.includes(value) !== Boolean(not));
  const showConditional = () => conditional.forEach(one => {
    const above = one.trigger.closest("[data-shown-when]");
    one.box.hidden = !first(".govuk-error-message", one.box) && !(above && above.hidden ? one.not : met(one));
  });
  conditional.forEach(({ box }) => box.classList.add("s-hides"));
  showConditional();
  on(document, "change", showConditional);

  /* One line at the foot of the window says what a key or a button did. */
  const line = first("[data-told]"), word = name => (line && line.dataset[name]) || "";
  const tell = text => { if (line) line.textContent = text; };
  const token = form => (first("[name=csrf_token]", form) || {}).value || "";
  const post = (form, address, body) => fetch(address, {
    method: "POST", body, headers: { "X-CSRFToken": token(form), Accept: "application/json" } });
  const lapsed = answer => answer.redirected || answer.status === 400 || answer.status === 401;

  /* A second submit while the first is under way is ignored, and said; the button stays enabled. A download leaves the
     page as it is: its button soon works again. */
  const sent = new WeakSet();
  on(document, "submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) { event.preventDefault(); tell(word("sent")); return; }
    sent.add(form);
    setTimeout(() => { sent.delete(form); if (line && line.textContent === word("sent")) tell(""); }, form.dataset.downloads === undefined ? 15000 : 2000);
  });
  on(window, "pageshow", event => { if (event.persisted) all("form").forEach(form => sent.delete(form)); });

  /* Autosave of drafts: 5 s after typing stops and on leaving a section; tried again while the line is down. */
  const PAUSE = 5000, MINUTE = 60000;
  all("form[data-autosave]").forEach(form => {
    const status = first("[data-autosave-status]"), words = status ? status.dataset : {};
    let dirty = false, busy = false, leaving = false, timer = 0, wait = PAUSE, announced = 0;
    const say = (text, urgent) => {
      if (!status) return;
      const silent = !urgent && Date.now() - announced < MINUTE;
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
        if (lapsed(answer)) { dirty = true; say(words.lapsed, true); return; }
        if (!answer.ok) throw new Error(answer.status);
        say((words.saved || "").replace("{time}", (await answer.json()).saved_at));
        wait = PAUSE;
        if (dirty) plan(PAUSE);
      } catch {
        dirty = true;
        say(words.failed || "", wait === PAUSE);
        wait = Math.min(wait * 2, MINUTE);
        plan(wait);
      } finally { busy = false; }
    }
    const changed = () => { dirty = true; plan(wait); };
    on(form, "input", changed);
    on(form, "change", changed);
    all("fieldset", form).forEach(group => on(group, "focusout", event => {
      if (!group.contains(event.relatedTarget) && wait === PAUSE) save();
    }));
    on(form, "submit", event => { leaving = !event.defaultPrevented; });
    on(window, "online", () => { wait = PAUSE; save(); });
    on(window, "beforeunload", event => { if (dirty && !leaving) event.preventDefault(); });
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
  all("[data-show-password]").forEach(box => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary s-show";
    const name = () => { button.textContent = box.type === "password" ? box.dataset.showPassword : box.dataset.hidePassword; };
    on(button, "click", () => { box.type = box.type === "password" ? "text" : "password"; name(); box.focus(); });
    button.setAttribute("aria-controls", box.id);
    name();
    box.after(button);
  });

  /* Keys. Ctrl+S keeps what is typed anywhere, Ctrl+Enter presses the main button; single ones never while typing. */
  const typing = target => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const click = link => link.click();
  const pressed = {
    "/": ["#q", box => box.focus()], "?": ["[data-shortcut-help]", click], n: ["[data-key=n]", click], e: ["[data-key=e]", click] };
  on(document, "keydown", event => {
    const held = event.ctrlKey || event.metaKey;
    if (held && event.key === "Enter") {
      const form = event.target.form;
      const main = form && (first("[data-again]", form) || first("button.govuk-button:not(.govuk-button--secondary):not([type=button])", form));
      if (main) { event.preventDefault(); main.click(); }
      return;
    }
    if (held && !event.altKey && event.key.toLowerCase() === "s") {
      const form = first("form[data-autosave]"), draft = first("[data-draft][value=borrador]");
      const other = event.target.form && event.target.closest("main") ? event.target.form : first("main form.s-form[method=post]");
      if (form || draft || other) event.preventDefault();
      if (form) form.saveNow(); else if (draft) draft.click(); else if (other) keepForm(other);
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || held || event.altKey || typing(event.target)) return;
    const [where, act] = pressed[event.key] || [], found = where && first(where);
    if (found) { event.preventDefault(); act(found); }
  });
})();
