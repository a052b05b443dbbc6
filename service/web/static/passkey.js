// Passkeys: asks the browser for one, and sends its answer with the form. Without script the buttons stay hidden.
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const read = (asked) => {
    const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const options = { ...asked, challenge: bytes(asked.challenge) };
    if (asked.user) options.user = { ...asked.user, id: bytes(asked.user.id) };
    if (asked.excludeCredentials) options.excludeCredentials = known(asked.excludeCredentials);
    if (asked.allowCredentials) options.allowCredentials = known(asked.allowCredentials);
    return options;
  };
  const written = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
  };
  for (const part of document.querySelectorAll("[data-passkey]")) {
    const failed = part.querySelector("[role=alert]");
    const answer = part.querySelector("input[name$=passkey]");
    part.hidden = false;
    part.querySelector("button").addEventListener("click", async () => {
      failed.hidden = true;
      try {
        const publicKey = read(JSON.parse(part.dataset.options));
        answer.value = written(await navigator.credentials[part.dataset.passkey]({ publicKey }));
        part.closest("form").submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
