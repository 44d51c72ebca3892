/** Copies, also where the page is not in a secure context (plain http in an office) and the clipboard API is missing. */
import { log } from './log.ts';

/** Resolves with false when the browser did not let us. `field` is selected either way, so that one can copy by hand. */
export async function copyFrom(field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  field.focus();
  field.select();
  try {
    if (isSecureContext) {
      await navigator.clipboard.writeText(field.value);
      return true;
    }
  } catch (cause) {
    log.info('clipboard.refused', { reason: String(cause) });
  }
  // Deprecated, and the only way left.
  return document.execCommand('copy');
}
