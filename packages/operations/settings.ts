import { isPortFree, ownerOfPort } from '@berth/host';
import type { Journal } from '@berth/journal';
import type { PlatformSettings } from '@berth/protocol';
import type { Bus } from './bus.ts';
import { checkAcmeSettings } from './certificates/settings.ts';
import type { EdgeSync } from './edge-sync.ts';
import { settingInvalid } from './errors.ts';

/** Ports and names for a laptop; a server sets its own. */
export const defaultSettings: PlatformSettings = {
  domain: 'localhost',
  addresses: ['127.0.0.1', '::1'],
  httpPort: 8080,
  httpsPort: 8443,
  trustedProxies: [],
  redactQuery: [],
  acme: null,
};

/** Checked, kept and in effect when it resolves; when the edge refuses them, the old ones stay. */
export async function applySettings(
  { journal, sync, bus }: { journal: Journal; sync: EdgeSync; bus: Bus },
  changes: Partial<PlatformSettings>,
): Promise<PlatformSettings> {
  const before = journal.settings.get<PlatformSettings>('platform') ?? defaultSettings;
  const after = { ...before, ...changes };
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(after.domain)) throw settingInvalid('domain', after.domain, 'it is not a domain name');
  if (after.httpPort === after.httpsPort) throw settingInvalid('httpsPort', String(after.httpsPort), 'it is the HTTP port too');
  if (changes.acme !== undefined) await checkAcmeSettings(after.acme);
  const used = [before.httpPort, before.httpsPort];
  for (const port of [after.httpPort, after.httpsPort])
    if (port !== null && !used.includes(port)) await checkPort(port, after.addresses);
  journal.settings.set('platform', after);
  try {
    await sync.now();
  } catch (cause) {
    journal.settings.set('platform', before);
    await sync.now();
    throw cause;
  }
  bus.publish({ name: 'audit.settings.changed', fields: { changes } });
  return after;
}

async function checkPort(port: number, addresses: readonly string[]): Promise<void> {
  for (const address of addresses.filter((it) => !it.includes(':'))) {
    if (await isPortFree(port, address)) continue;
    const process = ownerOfPort(port)?.process;
    throw settingInvalid(
      'port',
      String(port),
      `it is used by ${process ? `${process.name} (pid ${process.pid})` : 'another program'}`,
    );
  }
}
