/* What was sent when the session had ended (submit.js keeps it) waits while nobody is signed in. At its own address the
   same person gets it back: it is sent without its request key, so that the server shows it again and does nothing. */

const draft = JSON.parse(sessionStorage.draft ?? "null");
const { person } = document.body.dataset;

const forget = () => {
  delete sessionStorage.draft;
  delete sessionStorage.unsent;
};

const bringBack = (fields) => {
  const form = document.createElement("form");
  form.method = "post";
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
};

if (draft && !person) {
  sessionStorage.unsent = "1";
  for (const words of document.querySelectorAll("[data-kept]")) words.hidden = false;
} else if (draft?.person !== person) {
  forget();
} else if (draft?.url === location.href) {
  forget();
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  bringBack([...draft.fields, ["restored", "1"], ["csrfmiddlewaretoken", token]]);
}
