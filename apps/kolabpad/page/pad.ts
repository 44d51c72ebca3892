/** One open document: the editor, the line to the server and the sidebar, and what each has to know of the others. */
import { isReadOnlyId } from '../domain/document-names.ts';
import { DEFAULT_LANGUAGE, languageOfFile } from '../domain/languages.ts';
import { type PadAddress, renderHash } from './address.ts';
import { createEditor, type Editor } from './editor.ts';
import { find } from './elements.ts';
import { installKeysHint } from './keys-hint.ts';
import { createPadEnd } from './pad-end.ts';
import { createPadNews } from './pad-news.ts';
import { createPadSync, type PadSync } from './pad-sync.ts';
import { createPanel, type Panel } from './panel.ts';
import { freeHue, readParticipant, writeParticipant } from './participant.ts';
import { createPreview } from './preview.ts';
import { type LeftBehind, parseLeftBehind, recover } from './recovery.ts';
import { installSample } from './sample.ts';
import { createStatusLine } from './status.ts';
import type { Theme } from './theme.ts';
import { showToast } from './toast.ts';
import { downloadText, fileNameOf } from './download.ts';
import { createUnsentEdits, type UnsentEdits } from './unsent-edits.ts';
import { installUpload } from './upload.ts';

export type PadOptions = {
  readonly theme: Theme;
  /** Tears this pad down and starts one anew for what the address then is. */
  reopen(): void;
};

export interface Pad {
  setTheme(theme: Theme): void;
  focus(): void;
  close(): void;
}

const CURSOR_AFTER_MS = 20;
/** A blip is called "connecting"; after so long one is "offline". */
const OFFLINE_AFTER_MS = 2_000;
/** A confirmation that takes so long is worth a word. */
const SAVING_AFTER_MS = 3_000;
const DEFAULT_MAX_BYTES = 262_144;

export function openPad(address: PadAddress, { theme, reopen }: PadOptions): Pad {
  const closing = new AbortController();
  const unsent = createUnsentEdits(address.id, closing.signal);
  const looks = { theme };
  let editor: Editor | null = null;
  document.title = isReadOnlyId(address.id) ? 'Kolabpad' : `${address.id} · Kolabpad`;
  void unsent.takeOver().then((kept) => {
    if (closing.signal.aborted) return;
    editor = runPad({ address, leftBehind: parseLeftBehind(kept), unsent, reopen, signal: closing.signal });
    editor.setDark(looks.theme === 'dark');
  });
  return {
    setTheme(chosen) {
      looks.theme = chosen;
      editor?.setDark(chosen === 'dark');
    },
    focus: () => editor?.focus(),
    close: () => closing.abort(),
  };
}

type Running = {
  readonly address: PadAddress;
  readonly leftBehind: readonly LeftBehind[];
  readonly unsent: UnsentEdits;
  readonly reopen: () => void;
  readonly signal: AbortSignal;
};

function runPad({ address, leftBehind, unsent, reopen, signal }: Running): Editor {
  const { id } = address;
  const [first, ...others] = leftBehind;
  let { token } = address;
  let me = readParticipant();
  let language: string = DEFAULT_LANGUAGE;
  let lostAt: number | null = null;
  let reason: string | null = null;
  let unsentSince: number | null = null;
  let cursorTimer: ReturnType<typeof setTimeout> | undefined;

  const setToken = (next: string | null): void => {
    token = next;
    // The address bar is a link too, and the one that a reload uses.
    history.replaceState(null, '', renderHash({ id, token }));
    panel.showToken();
  };
  const sync: PadSync = createPadSync({
    id,
    token: () => token,
    saved: first?.saved,
    unsent,
    events: {
      change: (operation) => editor.applyRemote(operation),
      event: (event) => news.tell(event),
      stateChanged: showState,
      failed(access) {
        reason = access.kind === 'wait' ? (access.reason === 'attempts' ? 'too many attempts' : 'server busy') : null;
        showState();
      },
      ended: (why) => end.ended(why),
      notKept: () => news.warnOfLoss(),
    },
  });
  const { session } = sync;
  const editor = createEditor({
    host: find('editor', HTMLElement),
    text: session.text,
    events: {
      edited: (operation) => sync.edit(operation),
      textChanged: () => preview.textChanged(),
      cursorsMoved() {
        clearTimeout(cursorTimer);
        cursorTimer = setTimeout(() => sync.cursor(editor.cursors()), CURSOR_AFTER_MS);
      },
    },
  });
  const status = createStatusLine(signal);
  const end = createPadEnd({ id, language: () => language, token: () => token, setToken, sync, reopen, status, signal });
  const panel: Panel = createPanel({
    id,
    token: () => token,
    welcome: () => session.welcome,
    me: () => me,
    signal,
    actions: {
      chooseLanguage,
      rename: (name) => introduce({ ...me, name }),
      reroll: () => introduce({ ...me, hue: freeHue([...othersHues(), me.hue]) }),
      deleting: () => end.deleting(),
    },
  });
  const preview = createPreview(() => editor.text(), signal);
  const othersHues = (): number[] =>
    [...session.users].filter(([user]) => user !== session.welcome?.user).map(([, { hue }]) => hue);
  const introduce = (next: typeof me): void => {
    me = next;
    writeParticipant(me);
    sync.introduce(me);
    panel.showPeople(session.users);
  };
  const showLanguage = (languageId: string): void => {
    language = languageId;
    editor.setLanguage(languageId);
    panel.showLanguage(languageId);
    preview.setLanguage(languageId);
  };
  // A declaration, since the panel was given it above.
  function chooseLanguage(languageId: string): void {
    sync.setLanguage(languageId);
    showLanguage(languageId);
  }
  const showCursors = (): void =>
    editor.showCursors(
      // The carets of people whom one cannot see moving would be lies.
      [...(session.phase === 'offline' ? [] : session.cursors)].flatMap(([user, data]) => {
        const info = session.users.get(user);
        return info === undefined ? [] : [{ id: user, info, data }];
      }),
    );
  const news = createPadNews({
    panel,
    me: () => me,
    token: () => token,
    setToken,
    showLanguage,
    showCursors,
    users: () => session.users,
    othersHues,
    setHue: (hue) => introduce({ ...me, hue }),
    rescue: (lost, why) => end.rescueLost(lost, why),
    signal,
  });

  function showState(): void {
    if (end.isOver) return;
    const { phase } = session;
    const isWritable = session.welcome === null ? first !== undefined : session.welcome.role === 'editor';
    editor.setReadOnly(!isWritable);
    if (!session.hasUnsent()) unsentSince = null;
    else unsentSince ??= Date.now();
    if (phase === 'live') {
      [lostAt, reason] = [null, null];
      const isSlow = unsentSince !== null && Date.now() - unsentSince > SAVING_AFTER_MS;
      status.show({ state: isSlow ? 'saving' : 'connected' });
      return;
    }
    lostAt ??= Date.now();
    const isLong = Date.now() - lostAt > OFFLINE_AFTER_MS;
    status.show(isLong ? { state: 'offline', unsent: sync.unsentChanges, reason } : { state: 'connecting' });
  }

  const ticker = setInterval(() => (lostAt ?? unsentSince) !== null && showState(), 500);
  signal.addEventListener('abort', () => {
    clearInterval(ticker);
    clearTimeout(cursorTimer);
    sync.close();
    editor.destroy();
  });
  addEventListener('beforeunload', (event) => session.hasUnsent() && !end.isOver && event.preventDefault(), { signal });
  addEventListener('pagehide', () => sync.keepNow(), { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && sync.keepNow(), { signal });
  find('download', HTMLButtonElement).addEventListener('click', () => downloadText(fileNameOf(id, language), editor.text()), {
    signal,
  });
  const isWritable = (): boolean => session.welcome?.role === 'editor' && !end.isOver;
  installUpload(
    {
      isWritable,
      isEmpty: () => editor.text() === '',
      get maxBytes() {
        return session.welcome?.maxBytes ?? DEFAULT_MAX_BYTES;
      },
      replace(text, fileName) {
        editor.replace(text);
        const known = languageOfFile(fileName);
        if (known !== undefined) chooseLanguage(known.id);
      },
    },
    signal,
  );
  installSample(
    {
      text: () => editor.text(),
      replace(text, languageId) {
        if (!isWritable()) return showToast({ text: 'Not connected yet', kind: 'error' });
        editor.replace(text);
        chooseLanguage(languageId);
      },
    },
    signal,
  );

  writeParticipant(me);
  sync.introduce(me);
  showLanguage(DEFAULT_LANGUAGE);
  panel.showPeople(session.users);
  showState();
  installKeysHint(signal);
  if (matchMedia('(pointer: fine)').matches) editor.focus();
  void recoverAll(others);
  return editor;

  async function recoverAll(rest: readonly LeftBehind[]): Promise<void> {
    for (const left of rest) {
      const lost = await recover(left, { id, token: () => token, unsent, signal });
      if (lost !== null && !signal.aborted) await end.rescueLost(lost, 'Edits of a closed tab could not be merged');
    }
  }
}
