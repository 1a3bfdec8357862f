// Makes the console quicker for those who have scripts; every page and form works without.
(() => {
  "use strict";

  const live = () => document.getElementById("tb-live");
  const announce = (text) => {
    const region = live();
    if (!region || !text) return;
    region.textContent = "";
    window.setTimeout(() => { region.textContent = text; }, 50);
  };

  let said = "";
  // After a page or fragment came: what asks for focus has it, else what happened.
  const settle = (root) => {
    const wanted = root.querySelector("[data-autofocus]");
    if (wanted) wanted.focus();
    const notice = document.getElementById("tb-notice");
    // Once: fragments of the page may come again every other second.
    if (notice && !wanted && !notice.dataset.said) {
      // A live region that fills while its page still loads is often not read, and who posted a form goes on from here.
      if (root === document) notice.focus();
      else announce(notice.querySelector("p").textContent.trim());
    }
    if (notice) notice.dataset.said = "yes";
    // What came by itself is read out where the reader is, and once, however often it comes.
    const news = root !== document && root.querySelector("[data-announce]");
    const text = news ? news.textContent.trim().replace(/\s+/g, " ") : "";
    if (text !== said) announce(text);
    if (news) said = text;
  };

  // A choice that acts at once keeps its button for those without scripts.
  const submitOnChange = (event) => {
    const select = event.target.closest("select[data-submit]");
    if (select) select.form.requestSubmit();
  };

  // A slider is a second way to fill a number field, and is of no use without scripts.
  const mirror = (root) => {
    root.querySelectorAll("input[type=range][data-mirror]").forEach((range) => {
      const field = document.getElementById(range.dataset.mirror);
      const take = () => { const n = Number(field.value.replace(",", ".")); if (field.value && !Number.isNaN(n)) range.value = n; };
      take();
      range.hidden = false;
      range.addEventListener("input", () => { field.value = range.value; });
      field.addEventListener("input", take);
    });
  };

  const isTyping = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  const move = (step) => {
    const all = rows();
    if (!all.length) return false;
    // From where focus is, be it that Tab has brought it there; else from where it was.
    const held = all.findIndex((row) => row.contains(document.activeElement));
    const at = held >= 0 ? held : all.findIndex((row) => row.getAttribute("aria-current") === "true");
    const to = Math.min(all.length - 1, Math.max(0, at + step));
    all.forEach((row) => row.removeAttribute("aria-current"));
    all[to].setAttribute("aria-current", "true");
    const aim = all[to].querySelector("[data-row-focus]") || all[to].querySelector("a[href]");
    if (aim) aim.focus();
    return true;
  };

  const showKeys = () => {
    const dialog = document.getElementById("tb-keys");
    if (dialog && !dialog.open) dialog.showModal();
    return Boolean(dialog);
  };

  // A bar of decisions that stays in sight takes focus without moving what is being read; one at the end of a small page does.
  const focusOn = (target) => {
    const bar = target.closest(".tb-decide");
    target.focus({ preventScroll: Boolean(bar) && getComputedStyle(bar).position === "sticky" });
  };

  const press = (action) => {
    if (action === "help") return showKeys();
    const target = document.querySelector(`[data-hotkey~="${action}"]`);
    if (target) {
      if (target.matches("input[type=radio], select, textarea")) { focusOn(target); if (target.type === "radio") target.click(); }
      else target.click();
      // Of a choice that needs more: on to the field that asks for it.
      const then = document.getElementById(target.dataset.then || "");
      if (then) focusOn(then);
      return true;
    }
    if (action === "next") return move(1);
    if (action === "previous") return move(-1);
    if (action === "open") {
      const link = document.querySelector('[data-row][aria-current="true"] a[href]');
      if (link) link.click();
      return Boolean(link);
    }
    return false;
  };

  const hotkeys = () => JSON.parse(document.body.dataset.hotkeys || "{}");
  // Back to the choice that the field belongs to, on which keys act; focus is lost only where there is none.
  const leaveField = (field) => {
    const choice = field.type !== "radio" && field.form && field.form.querySelector("input[type=radio]:checked");
    if (choice) focusOn(choice);
    else field.blur();
  };

  // Enter sends a form from a list of reasons, as it does from a line of text; Escape leaves a field, so that keys act again.
  const onFieldKey = (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.matches("select[data-submit-on-enter]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (event.key === "Escape" && isTyping(event.target)) leaveField(event.target);
  };

  const act = (key) => {
    const action = Object.entries(hotkeys()).find(([, each]) => each === key);
    return Boolean(action) && press(action[0]);
  };

  // Keys that are pressed while the page still comes are done once it is there.
  const early = [];
  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (isTyping(event.target) && !(event.target.type === "radio" || event.target.type === "checkbox")) return;
    if (document.querySelector("dialog[open]")) return;
    if (document.readyState === "loading") early.push(event.key);
    else if (act(event.key)) event.preventDefault();
  };

  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onFieldKey);
  document.addEventListener("change", submitOnChange);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shows-keys]") && showKeys()) event.preventDefault();
  });
  const start = () => { settle(document); mirror(document); early.splice(0).forEach(act); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:afterSettle", (event) => settle(event.detail.elt));
  document.addEventListener("htmx:responseError", () => announce(document.body.dataset.failed));
})();
