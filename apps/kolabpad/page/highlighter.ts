/** Colours of a language, fetched when somebody wants them: a document in plain text loads none. */
import type { Extension } from '@codemirror/state';
import { findLanguage } from '../domain/languages.ts';
import { log } from './log.ts';

/** Resolves with nothing (an empty extension) for a language that has no highlighter, or when it cannot be fetched. */
export async function loadHighlighter(languageId: string): Promise<Extension> {
  const wanted = findLanguage(languageId)?.highlighter ?? null;
  if (wanted === null) return [];
  try {
    const { languages } = await import('@codemirror/language-data');
    return (await languages.find(({ name }) => name === wanted)?.load()) ?? [];
  } catch (cause) {
    log.error('language.unavailable', { language: languageId, reason: String(cause) });
    return [];
  }
}
