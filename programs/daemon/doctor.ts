import { asBerthError } from '@berth/core';
import type { HomeLayout, Logger } from '@berth/host';
import type { Finding } from '@berth/protocol';

/** A failed deploy is told when the doctor is done; nobody waits longer. */
const WITHIN_MS = 20_000;

/** Has the doctor look when an operation failed: in a process of its own, loaded when it is first needed. Never rejects. */
export const createExaminer =
  (layout: HomeLayout, log: Logger) =>
  async (app: string, signal: AbortSignal): Promise<readonly Finding[]> => {
    try {
      const { examineApart } = await import('@berth/doctor');
      return await examineApart({ home: layout.home, app, timeoutMs: WITHIN_MS, signal, compileCache: layout.compileCache });
    } catch (cause) {
      const { code, message } = asBerthError(cause);
      log.warn('doctor.failed', { app, code, message });
      return [];
    }
  };
