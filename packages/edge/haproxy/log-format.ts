import { stateInvalid } from '../errors.ts';
import type { Listeners } from '../state.ts';

/**
 * One line per request. Everything that a client can choose goes through json(); lengths are bounded, so that the line
 * fits into the 16 KB that HAProxy keeps for one even when every byte is escaped.
 */
export const logFormat = (listeners: Listeners): string => {
  const text = (expression: string, bytes: number) => `%[${expression},bytes(0,${bytes}),json(utf8s)]`;
  const query = listeners.redactQuery.length === 0 ? 'capture.req.uri,field(2,?,0)' : 'var(txn.query)';
  return [
    '{"time":%Ts.%ms',
    '"app":"%[var(txn.route),field(3,|)]"',
    '"service":"%[var(txn.route),field(4,|)]"',
    '"backend":"%b"',
    '"server":"%s"',
    `"host":"${text('var(txn.host)', 255)}"`,
    '"method":"%HM"',
    `"path":"${text('var(txn.path)', 1000)}"`,
    `"query":"${text(query, 1000)}"`,
    '"status":%ST',
    '"bytes":%B',
    '"received":%U',
    '"requestMs":%TR,"connectMs":%Tc,"responseMs":%Tr,"totalMs":%Ta',
    '"heldMs":"%[var(txn.held)]"',
    '"client":"%[src]"',
    '"id":"%[var(txn.id)]"',
    '"http":"%HV"',
    '"tls":"%sslv"',
    '"end":"%ts"}',
  ].join(',');
};

/** A name that holds an escape may be any name, so its value goes too. */
export const redactLine = (names: readonly string[]): string => {
  if (names.includes('*'))
    return `http-request set-var(txn.query) 'query,regsub("(^|&)([^=&]*=)?[^=&][^&]*","\\1\\2redacted",g)'`;
  for (const name of names) {
    if (!/^[A-Za-z0-9_.[\]-]+$/.test(name))
      throw stateInvalid(
        'query parameter',
        name,
        'its value cannot be redacted: use letters, digits, "_", "-", "." and brackets',
      );
  }
  const patterns = ['[^=&]*%[^=&]*', ...names.map((name) => name.replace(/[.[\]]/g, '\\$&'))];
  return `http-request set-var(txn.query) 'query,regsub("(^|&)(${patterns.join('|')})=[^&]*","\\1\\2=redacted",gi)'`;
};
