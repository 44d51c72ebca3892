/** Does the little work that a form asks of its sender, while he fills it in. */

/** As the server asks: `PROOF_BITS` in `forms/proof-of-work.ts`. */
const PROOF_BITS = 15;
const AT_ONCE = 64;

/** Every form with `data-guarded` gets its proof as soon as somebody begins to fill it in; sending waits for it. */
export const guardForms = (root: ParentNode): void => {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-guarded]')) guardForm(form);
};

const guardForm = (form: HTMLFormElement): void => {
  const token = form.querySelector<HTMLInputElement>('input[name="form_token"]');
  const proof = form.querySelector<HTMLInputElement>('input[name="form_proof"]');
  if (token === null || proof === null) return;
  let work: Promise<void> | undefined;
  const begin = (): Promise<void> =>
    (work ??= findProof(token.value).then((found) => {
      proof.value = found;
    }));
  form.addEventListener('focusin', () => void begin(), { once: true });
  form.addEventListener('submit', (event) => {
    if (proof.value !== '') return;
    event.preventDefault();
    const button = event.submitter;
    void begin().then(() => form.requestSubmit(button));
  });
};

const findProof = async (token: string): Promise<string> => {
  const encoder = new TextEncoder();
  const salt = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  for (let first = 0; ; first += AT_ONCE) {
    const nonces = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    const digests = await Promise.all(
      nonces.map((nonce) => crypto.subtle.digest('SHA-256', encoder.encode(`${token}:${salt}:${nonce}`))),
    );
    const found = digests.findIndex((digest) => new DataView(digest).getUint32(0) >>> (32 - PROOF_BITS) === 0);
    if (found >= 0) return `${salt}.${first + found}`;
  }
};
