/* Keys and focus for the moderation desk, which works without. No dependency; htmx does the sending. */
(() => {
  "use strict";
  const OPEN = ".desk-card:not(.desk-done)";
  const STORE = "desk-keys";
  const live = document.getElementById("desk-live");
  const help = document.getElementById("desk-help");
  const toggle = document.getElementById("desk-keys-on");
  const opener = document.querySelector("[data-desk-help]");

  const isOn = () => {
    // A browser may refuse storage altogether; keys then work until the page is left.
    try { return localStorage.getItem(STORE) !== "off"; } catch { return toggle?.checked ?? true; }
  };
  const cards = () => [...document.querySelectorAll(OPEN)];
  const current = () => document.activeElement?.closest?.(OPEN);

  function focus(card) {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  }

  function move(by) {
    const all = cards();
    const at = document.activeElement?.closest?.(".desk-card");
    if (!at) return focus(by > 0 ? all[0] : all.at(-1));
    // A decided card is no stop, but a place to go on from.
    const beyond = all.filter((card) => {
      const where = at.compareDocumentPosition(card);
      return by > 0 ? where & Node.DOCUMENT_POSITION_FOLLOWING : where & Node.DOCUMENT_POSITION_PRECEDING;
    });
    focus(by > 0 ? beyond[0] : beyond.at(-1));
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    // By the letter where the layout has it, by the place of the key where it has not: "j" is "о" on a Ukrainian one.
    const key = /^[a-z?]$/.test(event.key) ? event.key : /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
    if (key === "?" && help) {
      event.preventDefault();
      help.showModal();
      return;
    }
    if (!isOn()) return;
    if (key === "j" || key === "k") {
      event.preventDefault();
      move(key === "j" ? 1 : -1);
      return;
    }
    if (!["a", "r", "s"].includes(key) || event.repeat) return;
    const control = current()?.querySelector(`[data-key="${key}"]`);
    if (!control) return;
    event.preventDefault();
    if (control.matches("select")) control.focus();
    else control.click();
  });

  // A card that comes back takes the focus to what it says; one that is decided passes it on.
  document.addEventListener("htmx:load", (event) => {
    const card = event.detail.elt;
    if (!card.matches?.(".desk-card")) return;
    if (card.matches(".desk-done")) {
      const next = cards().find((other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (next) focus(next);
      else (document.querySelector(".desk-pager [rel=next]") || card).focus();
    } else {
      (card.querySelector("[aria-invalid=true]") || card.querySelector(".desk-alert") || card).focus();
    }
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      if (!live) return;
      live.textContent = live.dataset.failed;
      live.classList.remove("desk-hidden");
      live.classList.add("desk-alert");
    });
  }

  if (opener && help) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
    toggle.checked = isOn();
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(STORE, toggle.checked ? "on" : "off"); } catch { /* refused */ }
    });
  }
  // After a reload with a refused decision, begin there.
  (document.querySelector("[aria-invalid=true]") || document.querySelector(".desk-card > .desk-alert"))?.focus();
})();
