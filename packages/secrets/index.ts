export { generateSecret } from './generate.ts';
export { createIdentity, isArmored, recipientOf, unwrap, wrap } from './identity.ts';
export { openWithPassphrase, sealWithPassphrase } from './passphrase.ts';
export { createRedactor } from './redact.ts';
export { createSealer, type Sealer } from './sealer.ts';
