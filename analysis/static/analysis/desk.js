/* Keys that give a word on a comment's tags: a digit toggles a tag, "n" denies all, "s" skips. The queue works without;
   comments/desk.js walks through the cards, keeps the choice of keys and opens the list of them. */
(() => {
  "use strict";
  const CARD = ".desk-card:not(.desk-done)";
  const help = document.getElementById("desk-help");
  const toggle = document.getElementById("desk-keys-on");

  const isOn = () => {
    try { return localStorage.getItem("desk-keys") !== "off"; } catch { return toggle?.checked ?? true; }
  };

  function skip(card) {
    const next = [...document.querySelectorAll(CARD)].find(
      (other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const to = next || document.querySelector(".desk-pager [rel=next]");
    to?.focus({ preventScroll: true });
    to?.scrollIntoView({ block: "start" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (help?.open || !isOn() || event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    const card = document.activeElement?.closest?.(CARD);
    if (!card) return;
    // By the place of the key where the layout has another letter there: digits want Shift on a French one, and "n" is
    // "т" on a Ukrainian one.
    const place = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] || /^Key([NS])$/.exec(event.code)?.[1].toLowerCase();
    const key = /^[1-9ns]$/.test(event.key) ? event.key : /^[a-z]$/.test(event.key) ? "" : place;
    if (!key) return;
    if (key === "s") {
      event.preventDefault();
      skip(card);
      return;
    }
    const button = card.querySelector(`[data-doubt-key="${key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
