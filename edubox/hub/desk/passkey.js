// Passkeys: the one thing of the desk that needs a script. The form's data-options is what the hub asks of the browser; what
// the browser answers goes back in the form. Without passkeys in this browser the form stays hidden.
"use strict";
(() => {
  const form = document.querySelector("[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const button = form.querySelector("button");
  const told = form.querySelector("[role=status]");
  const ask = async () => {
    const asked = JSON.parse(form.dataset.options);
    asked.challenge = bytes(asked.challenge);
    if (form.dataset.passkey === "create") {
      asked.user.id = bytes(asked.user.id);
      asked.excludeCredentials = (asked.excludeCredentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
      const made = await navigator.credentials.create({ publicKey: asked });
      return {
        id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
        response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) },
      };
    }
    asked.allowCredentials = asked.allowCredentials.map((one) => ({ ...one, id: bytes(one.id) }));
    const used = await navigator.credentials.get({ publicKey: asked });
    return {
      id: used.id, rawId: text(used.rawId), type: used.type, clientExtensionResults: {},
      response: {
        clientDataJSON: text(used.response.clientDataJSON), authenticatorData: text(used.response.authenticatorData),
        signature: text(used.response.signature), userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
      },
    };
  };
  form.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    button.disabled = true;
    told.textContent = "";
    try {
      form.elements.answer.value = JSON.stringify(await ask());
      form.submit();
    } catch {
      told.textContent = form.dataset.failed;
      button.disabled = false;
    }
  });
})();
