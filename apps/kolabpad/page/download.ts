/** The text as a file. */
import { DEFAULT_LANGUAGE, findLanguage } from '../domain/languages.ts';

/** A name that every file system takes, with the ending of the language. */
export function fileNameOf(documentId: string, languageId: string): string {
  const base =
    documentId
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 80) || 'document';
  const extension = (findLanguage(languageId) ?? findLanguage(DEFAULT_LANGUAGE))?.extension ?? 'txt';
  return languageId === 'dockerfile' ? 'Dockerfile' : `${base}.${extension}`;
}

export function downloadText(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // Some browsers begin to read only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
