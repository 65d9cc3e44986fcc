/* Keys, focus and what a page hears while it is open, for the moderation desk, which works without. No dependency;
   htmx does the sending. */
(() => {
  "use strict";
  const OPEN = ".desk-card:not(.desk-done)";
  const STORE = "desk-keys";
  const QUEUES = { p: "pending", r: "reported", s: "spam", x: "rejected", m: "sample", a: "all" };
  const byId = (id) => document.getElementById(id);
  const live = byId("desk-live");
  const help = byId("desk-help");
  const toggle = byId("desk-keys-on");
  const opener = document.querySelector("[data-desk-help]");
  const list = byId("desk-cards");
  const listen = byId("desk-listen");
  const bulk = byId("desk-bulk");
  const undo = byId("desk-undo");
  let goes = false;
  window.addEventListener("pageshow", () => { if (undo) delete undo.dataset.sent; });

  const isOn = () => {
    // A browser may refuse storage altogether; keys then work until the page is left.
    try { return localStorage.getItem(STORE) !== "off"; } catch { return toggle?.checked ?? true; }
  };
  const cards = () => [...document.querySelectorAll(OPEN)];
  // The page of one comment has one card, and keys mean that one wherever the focus is.
  const current = () => document.activeElement?.closest?.(OPEN) || (list ? null : document.querySelector(OPEN));
  const beyond = (node, by) => cards().filter((card) => {
    const where = node.compareDocumentPosition(card);
    return by > 0 ? where & Node.DOCUMENT_POSITION_FOLLOWING : where & Node.DOCUMENT_POSITION_PRECEDING;
  });

  function focus(card) {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  }

  function move(by) {
    const all = cards();
    // A decided card is no stop, but a place to go on from.
    const at = document.activeElement?.closest?.(".desk-card");
    if (!at) return focus(by > 0 ? all[0] : all.at(-1));
    const there = beyond(at, by);
    focus(by > 0 ? there[0] : there.at(-1));
  }

  function skip() {
    const at = document.activeElement?.closest?.(".desk-card");
    const next = at ? beyond(at, 1)[0] : cards()[0];
    if (next) focus(next);
    else document.querySelector(".desk-pager [rel=next]")?.click();
  }

  function go(key) {
    const wanted = QUEUES[key];
    const tab = [...document.querySelectorAll("#desk-tabs a")].find((link) => link.dataset.queue === wanted);
    if (tab) tab.click();
  }

  // By the letter where the layout has it, by the place of the key where it has not: "j" is "о" on a Ukrainian one. A
  // capital is what is typed with Shift; Caps Lock alone makes none.
  function nameOf(event) {
    if (/^[0-9?.[\]]$/.test(event.key)) return event.key;
    const letter = /^[a-z]$/i.test(event.key) ? event.key : /^Key[A-Z]$/.test(event.code) ? event.code[3] : "";
    if (letter) return event.shiftKey ? letter.toUpperCase() : letter.toLowerCase();
    return event.code === "BracketLeft" ? "[" : event.code === "BracketRight" ? "]" : event.key;
  }

  const ACTS = {
    j: () => move(1),
    k: () => move(-1),
    n: skip,
    // A page that is about to go away takes one press; two would take two decisions back.
    z: () => {
      if (!undo || undo.dataset.sent) return;
      if (!undo.hasAttribute("hx-post")) undo.dataset.sent = "1";
      undo.requestSubmit();
    },
    g: () => { goes = true; setTimeout(() => { goes = false; }, 1500); },
    "[": () => list && location.assign(list.dataset.previousQueue),
    "]": () => list && location.assign(list.dataset.nextQueue),
    ".": () => document.querySelector("[data-desk-new]")?.click(),
    x: () => current()?.querySelector("[name=pick]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    const field = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (field) {
      inField(event, field);
      return;
    }
    const key = nameOf(event);
    if (key === "?" && help) {
      event.preventDefault();
      help.showModal();
      return;
    }
    if (!isOn()) return;
    if (goes) {
      goes = false;
      event.preventDefault();
      go(key);
      return;
    }
    // With Shift a key means all that is selected.
    const many = /^[A-Z]$/.test(key) && bulk?.querySelector(`[data-key="${key}"]`);
    if (many) {
      if (event.repeat || (bulk.hidden && key !== "X")) return;
      event.preventDefault();
      if (many.matches("select")) many.focus();
      else many.click();
      return;
    }
    // Another desk's page walks through its cards with the same two keys, and gives the others to acts of its own.
    if (ACTS[key] && (listen || "jk".includes(key) || (key === "z" && undo))) {
      if (event.repeat && !"jk".includes(key)) return;
      event.preventDefault();
      ACTS[key]();
      return;
    }
    if (key === "Escape") closeTool(document.activeElement);
    if (!/^[arscebm]$/.test(key) || event.repeat) return;
    const control = current()?.querySelector(`[data-key="${key}"]`);
    if (!control) return;
    event.preventDefault();
    if (control.matches("select")) control.focus();
    else if (control.matches("summary")) unfold(control.parentElement);
    else control.click();
  });

  // In a field every key types, but for the way out, and for the figures in the list of reasons: "r" and "2" reject
  // for the second reason.
  function inField(event, field) {
    const card = field.closest(OPEN) || (bulk && field.form === bulk ? lastCard() : null);
    if (event.key === "Escape" && card) {
      event.preventDefault();
      if (!closeTool(field)) card.focus({ preventScroll: true });
      return;
    }
    if (!card || !isOn() || !field.matches("[name=reason][data-key]") || event.repeat) return;
    const number = Number(event.key);
    const reject = field.form?.querySelector("[value=rejected]");
    if (number > 0 && number < field.options.length) {
      event.preventDefault();
      field.selectedIndex = number;
      reject.click();
    } else if (event.key === "Enter" && field.value) {
      event.preventDefault();
      reject.click();
    }
  }

  // Where to go back to from the bar below the cards.
  let walkedTo = null;
  document.addEventListener("focusin", () => { walkedTo = document.activeElement?.closest?.(OPEN) ?? walkedTo; });
  const lastCard = () => (walkedTo?.isConnected ? walkedTo : cards()[0]);

  function unfold(details) {
    details.open = true;
    details.querySelector("textarea, input")?.focus();
  }

  function closeTool(node) {
    const slot = node?.closest?.(".desk-tool");
    if (!slot) return false;
    const card = slot.closest(".desk-card");
    slot.replaceChildren();
    card?.focus({ preventScroll: true });
    return true;
  }

  // Where the focus was when a card asked for something, by the card's id. Who has walked on to another card before the
  // answer came stays there: a key that is meant for one card must not meet another.
  const asked = new Map();
  const idOf = (node) => node?.closest?.(".desk-card")?.id;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const id = idOf(event.detail.elt);
    if (id) asked.set(id, idOf(document.activeElement));
  });
  function hasWalkedOn(node) {
    const id = idOf(node);
    const at = idOf(document.activeElement);
    const was = asked.get(id);
    asked.delete(id);
    return Boolean(was && at && at !== was && at !== id);
  }

  // What comes back takes the focus to what it says; a card that is decided passes it on.
  document.addEventListener("htmx:load", (event) => {
    const node = event.detail.elt;
    if (!node.closest?.(".desk-card")) return;
    if (hasWalkedOn(node)) {
      count();
      return;
    }
    if (node.matches?.(".desk-toolbox, .desk-said")) {
      (node.querySelector("[aria-invalid=true]") || node.querySelector("textarea, select, p[tabindex], button") || node).focus();
      return;
    }
    if (!node.matches?.(".desk-card") || node.dataset.isNew !== undefined) return;
    if (node.matches(".desk-done")) {
      if (bulk?.dataset.sent) return;
      const next = beyond(node, 1)[0];
      if (next) focus(next);
      else (document.querySelector(".desk-pager [rel=next]") || node).focus();
    } else {
      (node.querySelector("[aria-invalid=true]") || node.querySelector(".desk-alert") || node).focus();
    }
    count();
  });

  // A decision is taken back where its line stands; one of an earlier page has none, and its card comes first.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt?.id !== "desk-undo" || event.detail.xhr.status >= 300) return;
    const id = /<article[^>]* id="(c-\d+)"/.exec(event.detail.serverResponse)?.[1];
    const there = id && byId(id);
    if (there) {
      event.detail.target = there;
      event.detail.swapOverride = "outerHTML";
    }
  });

  // A refusal (403) that comes as a card or a tool belongs in its place; whole pages do not.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, serverResponse } = event.detail;
    if (xhr.status < 400 || xhr.status >= 500 || /^\s*<!doctype/i.test(serverResponse)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // Logging in, here or in another window, makes the tokens of the forms void that stand on this page. They are renewed
  // from a fresh copy of it, and everything that was typed stays.
  const away = byId("desk-away");
  async function renew() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    // Who is still logged out is led to another page.
    if (!answer?.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!token) return false;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
    const account = page.querySelector(".desk-account span");
    document.querySelector(".desk-account span")?.replaceWith(...(account ? [account] : []));
    return true;
  }
  let renewing = false;
  async function comeBack() {
    if (document.visibilityState !== "visible" || renewing || !away?.querySelector("a")) return;
    renewing = true;
    if (await renew()) {
      const said = document.createElement("p");
      said.textContent = away.dataset.back;
      away.replaceChildren(said);
      setTimeout(() => { if (said.isConnected) away.replaceChildren(); }, 8000);
    }
    renewing = false;
  }
  document.addEventListener("visibilitychange", comeBack);
  window.addEventListener("focus", comeBack);

  let fading = 0;
  const fade = () => {
    clearTimeout(fading);
    fading = setTimeout(() => live.replaceChildren(), 8000);
  };
  if (live) {
    new MutationObserver(() => { if (live.textContent && !live.dataset.stays) fade(); }).observe(live, { childList: true });
  }
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      // What the page asks by itself fails in silence, and is asked again.
      if (event.detail.xhr?.status === 403) renew();
      if (!live || event.detail.requestConfig?.elt?.id === "desk-listen") return;
      live.textContent = live.dataset.failed;
      live.dataset.stays = "1";
      live.classList.remove("desk-hidden");
      live.classList.add("desk-alert");
    });
  }
  // What goes well after that is said as always, and fades.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || !live?.dataset.stays || event.detail.requestConfig?.elt?.id === "desk-listen") return;
    delete live.dataset.stays;
    live.classList.remove("desk-alert");
    fade();
  });

  // Selected cards.
  function count() {
    if (!bulk) return;
    const picked = document.querySelectorAll("[name=pick]:checked").length;
    const said = byId("desk-picked");
    bulk.hidden = picked === 0;
    said.textContent = picked === 1 ? said.dataset.one : said.dataset.many.replace("#", picked.toLocaleString());
  }
  if (bulk) {
    const all = bulk.querySelector("[data-key=X]");
    all.hidden = false;
    all.addEventListener("click", () => {
      const boxes = [...document.querySelectorAll(`${OPEN} [name=pick]`)];
      const isAll = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !isAll;
      count();
    });
    document.addEventListener("change", (event) => { if (event.target.matches?.("[name=pick]")) count(); });
    bulk.addEventListener("htmx:beforeRequest", () => { bulk.dataset.sent = "1"; });
    bulk.addEventListener("htmx:afterSettle", () => { delete bulk.dataset.sent; count(); });
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.detail.requestConfig?.elt !== bulk) return;
      delete bulk.dataset.sent;
      count();
      document.querySelector(".desk-summary")?.focus();
    });
    count();
  }

  // What the page hears: counts, what is new, who has which card open. Only while somebody looks at it.
  if (listen && list) {
    const say = () => {
      if (document.visibilityState !== "visible" || !window.htmx) return;
      byId("desk-at").value = document.activeElement?.closest?.(OPEN)?.id.slice(2) ?? "";
      for (const old of listen.querySelectorAll("[name=shown]")) old.remove();
      for (const card of cards().slice(0, 50)) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: "shown", value: card.id.slice(2) });
        listen.append(field);
      }
      window.htmx.trigger(listen, "desk:listen");
    };
    setInterval(say, 1000 * Number(listen.dataset.seconds));
    document.addEventListener("visibilitychange", say);
    let at = null;
    let waiting = 0;
    document.addEventListener("focusin", () => {
      const card = document.activeElement?.closest?.(OPEN);
      if (!card || card === at) return;
      at = card;
      clearTimeout(waiting);
      waiting = setTimeout(say, 600);
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
