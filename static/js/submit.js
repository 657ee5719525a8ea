/* A second press while the first is under way does nothing, nor does one without a network. The server's request key is the real guard. */

const say = (form) => {
  const notice = document.createElement("p");
  notice.className = "notice tone-warn";
  notice.role = "alert";
  form.querySelector("[role=alert]")?.remove();
  form.prepend(notice);
  notice.textContent = document.getElementById("words").dataset.offline;
  notice.scrollIntoView({ block: "nearest" });
  addEventListener("online", () => notice.remove(), { once: true });
};

// Until a page answers; restore.js brings it back. Only forms with a key: no passwords, no files.
const keep = (form, submitter) => {
  const { person } = document.body.dataset;
  if (!person || !form.querySelector("[name=request_key]") || form.querySelector("[type=password]")) return;
  const fields = [...new FormData(form, submitter)].filter(([name, value]) => typeof value === "string" && !/^(request_key|csrf)/.test(name));
  const url = new URL(form.getAttribute("action") ?? "", location).href;
  delete sessionStorage.unsent;
  try { sessionStorage.draft = JSON.stringify({ person, url, fields }); } catch { /* full */ }
};

if (sessionStorage.unsent) import("./restore.js");
else delete sessionStorage.draft;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (!navigator.onLine) {
    // The browser's own error page would take the place of what was typed.
    event.preventDefault();
    say(form);
    return;
  }
  form.dataset.sent = "1";
  keep(form, event.submitter);
  // Disabling the button at once would drop its name and value from what is sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  });
});

const release = (root) => {
  for (const form of root.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
};

// Back from the browser's memory, or answered in place: the form may be sent again.
addEventListener("pageshow", (event) => { if (event.persisted) release(document); });
document.addEventListener("htmx:afterRequest", () => release(document));
