/* What is sent is kept until a page answers (restore.js): forms with a request key only, no passwords, no files. */

addEventListener("submit", ({ target, submitter, defaultPrevented }) => {
  const { person } = document.body.dataset;
  if (!person || defaultPrevented || !target.querySelector("[name=request_key]") || target.querySelector("[type=password]")) return;
  const fields = [...new FormData(target, submitter)].filter(
    ([name, value]) => typeof value === "string" && !["request_key", "csrfmiddlewaretoken"].includes(name));
  const url = new URL(target.getAttribute("action") ?? "", location).href;
  try { sessionStorage.draft = JSON.stringify({ person, url, fields }); } catch { /* full */ }
});

if (sessionStorage.draft) import("./restore.js");
