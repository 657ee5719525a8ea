/* On the first page after a form was sent. Answered to the same person: it is forgotten. Answered by the sign-in: it waits, and at its own address the same person gets it back. It is sent without its request key, so that the server shows it again and does nothing. */

const draft = JSON.parse(sessionStorage.draft);
const { person } = document.body.dataset;

const bringBack = (fields) => {
  const form = document.createElement("form");
  form.method = "post";
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
};

if (!person) {
  sessionStorage.draft = JSON.stringify({ ...draft, isUnsent: true });
  for (const words of document.querySelectorAll("[data-kept]")) words.hidden = false;
} else if (draft.person !== person || !draft.isUnsent) {
  delete sessionStorage.draft;
} else if (draft.url === location.href) {
  delete sessionStorage.draft;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  bringBack([...draft.fields, ["restored", "1"], ["csrfmiddlewaretoken", token]]);
}
