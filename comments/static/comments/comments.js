/* Improves a discussion that works without it: relative times, a counter, a kept draft, replying in place, closing
   pieces, and saying aloud what a filter found. No dependency; htmx does the loading. */
(() => {
  "use strict";
  const lang = document.documentElement.lang || "en";
  const relative = typeof Intl.RelativeTimeFormat === "function" ? new Intl.RelativeTimeFormat(lang, { numeric: "auto" }) : null;

  const storage = {
    // A browser may refuse storage altogether; a draft is then simply not kept.
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* full or forbidden */ } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  function times(root) {
    if (!relative) return;
    for (const time of root.querySelectorAll(".lar time[datetime]")) {
      const moment = new Date(time.dateTime);
      const seconds = (moment - Date.now()) / 1000;
      if (!time.title) time.title = moment.toLocaleString(lang, { dateStyle: "long", timeStyle: "short" });
      if (seconds > 0 || seconds < -86400) continue;
      if (seconds > -60) time.textContent = relative.format(0, "second");
      else if (seconds > -3600) time.textContent = relative.format(Math.round(seconds / 60), "minute");
      else time.textContent = relative.format(Math.round(seconds / 3600), "hour");
    }
  }

  function counter(area) {
    const label = area.closest(".lar-field").querySelector(".lar-counter");
    if (!label) return;
    const limit = label.textContent;
    const show = () => {
      // The server counts characters as Python does: by code point.
      const left = Number(area.dataset.max) - [...area.value].length;
      if (!area.value) label.textContent = limit;
      else label.textContent = left >= 0 ? `${label.dataset.left} ${left.toLocaleString(lang)}.` : `${label.dataset.over} ${(-left).toLocaleString(lang)}.`;
      label.toggleAttribute("data-is-over", left < 0);
    };
    area.addEventListener("input", show);
    show();
  }

  const DRAFT = "lar-draft-";

  function forget() {
    // Whoever has been erased leaves no unsent text behind for the next one at this browser.
    for (const key of storage.keys()) if (key.startsWith(DRAFT)) storage.remove(key);
  }

  function draft(form) {
    // Only the text is marked to be kept: a name or an address of one person has no business in a browser that another
    // may use. `manage.py check_privacy` reads the mark.
    const area = form.querySelector("textarea[data-keep]");
    const key = `${DRAFT}${form.dataset.thread}`;
    const sent = `${key}-sent`;
    if (!area || !form.dataset.thread) return;
    const own = () => [...document.querySelectorAll("[data-own]")].map((item) => item.dataset.own);
    const before = storage.get(sent);
    if (before !== null) {
      // Sending may have failed: the draft goes when a comment is there that was not there before.
      storage.remove(sent);
      const [hash, ...known] = before.split(" ");
      const isPosted = own().length ? own().some((id) => !known.includes(id)) : location.hash !== hash;
      if (isPosted && !("returned" in form.dataset)) storage.remove(key);
    }
    if (!area.value && !("returned" in form.dataset)) area.value = storage.get(key) || "";
    area.addEventListener("input", () => (area.value ? storage.set(key, area.value) : storage.remove(key)));
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.name === "preview") return;
      storage.set(sent, [location.hash, ...own()].join(" "));
    });
  }

  function once(form) {
    // A double click sends once. The server would store it once anyhow; this spares the reader a doubt.
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.name === "preview") return;
      const button = form.querySelector(".lar-primary");
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
      button.setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", () => form.querySelector(".lar-primary")?.removeAttribute("aria-disabled"));
  }

  function replying() {
    const respond = document.getElementById("respond");
    const form = respond?.querySelector("form");
    if (!form) return;
    const title = document.getElementById("lar-respond-title");
    const cancel = respond.querySelector(".lar-cancel");
    const parent = form.querySelector("input[name=parent]");
    const home = document.createComment("form");
    respond.before(home);
    let from = null;

    document.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      const link = event.target.closest("a.lar-reply");
      if (link) {
        event.preventDefault();
        from = link;
        parent.value = link.closest(".lar-item").id.replace(/^\D+/, "");
        title.textContent = title.dataset.to.replace("NAME", () => link.closest("article").querySelector(".lar-name").textContent.trim());
        cancel.hidden = false;
        respond.querySelector(".lar-answered")?.remove();
        link.closest("article").after(respond);
        respond.querySelector("textarea").focus();
        return;
      }
      if (event.target.closest(".lar-cancel a")) {
        event.preventDefault();
        parent.value = "";
        title.textContent = title.dataset.plain;
        cancel.hidden = true;
        respond.querySelector(".lar-answered")?.remove();
        home.after(respond);
        (from || respond.querySelector("textarea")).focus();
        from = null;
      }
    });

    // A list that htmx replaces must not take the form with it. It still says whom it answers.
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (event.detail.target.contains(respond)) home.after(respond);
    });
  }

  const openers = new WeakMap();
  document.addEventListener("htmx:beforeRequest", (event) => openers.set(event.detail.target, event.detail.elt));
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-lar-close]");
    if (!close) return;
    const slot = close.closest(".lar-slot");
    slot.replaceChildren();
    openers.get(slot)?.focus();
  });

  // A refused piece of form comes back with 4xx and its sentences; it belongs on the page all the same.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status === 422 && event.detail.target.closest(".lar")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  // What htmx cannot do, the browser does without it: a page then says what is wrong.
  document.addEventListener("htmx:responseError", (event) => {
    const { elt } = event.detail;
    const link = elt.closest("a[href]");
    if (link) location.assign(link.href);
    else if (elt.matches("form")) elt.submit();
  });
  // "Show more replies" makes way for them; whoever pressed it goes on reading at the first.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const more = event.detail.target;
    if (!more.matches?.(".lar-more")) return;
    const before = more.previousElementSibling;
    document.addEventListener("htmx:afterSwap", () => {
      before?.nextElementSibling?.querySelector("a.lar-time")?.focus({ preventScroll: true });
    }, { once: true });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    times(document);
    const found = document.querySelector("#lar-list [data-lar-announce]");
    const live = document.getElementById("lar-live");
    if (live && target.id === "lar-list") live.textContent = found ? found.textContent : "";
    if (target.matches?.(".lar-slot")) target.querySelector("[autofocus]")?.focus();
  });

  function start() {
    if (document.querySelector("[data-lar-erased]")) forget();
    times(document);
    for (const area of document.querySelectorAll(".lar textarea[data-max]")) counter(area);
    for (const form of document.querySelectorAll("#respond form")) draft(form);
    for (const form of document.querySelectorAll("#respond form, form[data-lar-once]")) once(form);
    for (const area of document.querySelectorAll("#respond textarea[data-max]")) area.dispatchEvent(new Event("input"));
    replying();
    document.getElementById("lar-errors")?.focus();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
