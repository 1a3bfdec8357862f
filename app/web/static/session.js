// Says in good time that a session ends, and lets people stay signed in. What other tabs do counts, too.
(() => {
  "use strict";

  const WARN_MS = 5 * 60 * 1000;
  const STORE = "tb-session";

  const begin = () => {
    const dialog = document.getElementById("tb-session");
    if (!dialog) return;
    const idleMs = 1000 * Number(dialog.dataset.idle);
    // When this sign-in ends however much it is used, and when it ends if nothing more is done.
    let last = Date.now() + 1000 * Number(dialog.dataset.left);
    let ends = last;
    let timer = 0;
    let shown = "";

    const show = (state) => {
      // Once for each state: whoever closed the message has read it.
      if (state === shown) return;
      shown = state;
      dialog.querySelectorAll("[data-state]").forEach((part) => { part.hidden = part.dataset.state !== state; });
      dialog.setAttribute("aria-labelledby", `tb-session-${state}`);
      dialog.setAttribute("aria-describedby", `tb-session-${state}-why`);
      if (!dialog.open) dialog.showModal();
      dialog.querySelector(`[data-state="${state}"] .btn-primary`).focus();
    };

    const look = () => {
      window.clearTimeout(timer);
      const left = ends - Date.now();
      if (left <= 0) { show("over"); return; }
      timer = window.setTimeout(look, left > WARN_MS ? left - WARN_MS : left);
      if (left <= WARN_MS) { show(ends < last ? "idle" : "last"); return; }
      shown = "";
      if (dialog.open) dialog.close();
    };

    const used = () => {
      ends = Math.min(Date.now() + idleMs, last);
      // Where nothing may be kept, the other tabs go by their own clocks.
      try { window.localStorage.setItem(STORE, `${ends} ${last}`); } catch { /* see above */ }
      look();
    };

    const stay = async (event) => {
      event.preventDefault();
      const form = event.target;
      const sent = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" } }).catch(() => null);
      // No answer: the session may go on, and the message stays for another try.
      if (!sent) return;
      if (sent.ok && !sent.headers.has("HX-Redirect")) used();
      else { window.clearTimeout(timer); show("over"); }
    };

    dialog.addEventListener("submit", (event) => { if (event.target.matches("[data-stay]")) stay(event); });
    window.addEventListener("storage", (event) => {
      const [otherEnds, otherLast] = (event.key === STORE && event.newValue ? event.newValue : "").split(" ").map(Number);
      if (!(otherEnds > ends)) return;
      ends = otherEnds;
      last = Math.max(last, otherLast);
      look();
    });
    // Clocks of pages stand still while a machine sleeps.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
    document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && ends > Date.now()) used(); });
    used();
  };

  document.addEventListener("DOMContentLoaded", begin);
})();
