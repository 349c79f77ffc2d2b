/* Passkeys: a button with data-passkey="make" makes one from the options beside it, one with "show" asks the server for options and
   shows one; what the device answers goes to the server with the form that the button stands in. */

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function make(button) {
  const options = JSON.parse(button.dataset.options);
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return { made, response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) } };
}

async function show(button) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(button.dataset.options, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  const options = await answer.json();
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  const made = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
  const response = { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) };
  if (userHandle) response.userHandle = text(userHandle);
  return { made, response };
}

const ways = { make, show };
for (const button of document.querySelectorAll("[data-passkey]")) {
  const form = button.form, told = form.querySelector("[data-told]");
  if (!window.PublicKeyCredential) {
    form.hidden = button.dataset.passkey === "show";
    told.textContent = told.dataset.unable;
    continue;
  }
  button.disabled = false; // pressed before this script had come, it would have done nothing
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = "";
    try {
      const { made, response } = await ways[button.dataset.passkey](button);
      const { id, type } = made;
      form.elements.credential.value = JSON.stringify({ id, rawId: id, type, response, clientExtensionResults: {} });
      form.submit();
    } catch {
      told.textContent = told.dataset.failed;
      button.disabled = false;
    }
  });
}
