import { BerthError } from '@berth/core';

export const haproxyTooOld = (binary: string, version: string) =>
  new BerthError(
    'EDGE_HAPROXY_TOO_OLD',
    `${binary} is HAProxy ${version}; the edge needs 2.6 or later (run-time servers, set-timeout)`,
    {
      hint: 'install HAProxy 2.6 or later; Ubuntu 22.04 ships 2.4, Debian 12 and Ubuntu 24.04 are recent enough',
      fields: { binary, version },
    },
  );

export const binaryUnusable = (binary: string, cause: unknown) =>
  new BerthError('EDGE_BINARY_UNUSABLE', `${binary} could not be run: ${reasonOf(cause)}`, {
    hint: 'check that the package is installed and, when it was unpacked without root, that its libraries are found',
    fields: { binary },
    cause,
  });

/** `message` is HAProxy's own, with its line numbers. */
export const configurationRefused = (message: string, file: string) =>
  new BerthError('EDGE_CONFIGURATION_REFUSED', `HAProxy refused the new configuration, the old one goes on: ${message}`, {
    hint: `the refused text is kept in ${file}`,
    fields: { message, file },
  });

export const portTaken = (address: string, port: number, owner: string | null) =>
  new BerthError('EDGE_PORT_TAKEN', `port ${port} on ${address} is already used by ${owner ?? 'another program'}`, {
    hint: owner === null ? 'choose another port, or end what listens there' : `end ${owner}, or choose another port`,
    fields: { address, port, owner },
  });

export const portDenied = (address: string, port: number) =>
  new BerthError('EDGE_PORT_DENIED', `this user may not listen on port ${port} of ${address}`, {
    hint: 'ports below 1024 need root (or net.ipv4.ip_unprivileged_port_start); choose a higher port',
    fields: { address, port },
  });

export const addressUnusable = (address: string, port: number, cause: unknown) =>
  new BerthError('EDGE_ADDRESS_UNUSABLE', `cannot listen on ${address} port ${port}: ${reasonOf(cause)}`, {
    hint: 'use an address that this machine has; 0.0.0.0 is all of them',
    fields: { address, port },
    cause,
  });

export const stateInvalid = (what: string, value: string, why: string) =>
  new BerthError('EDGE_STATE_INVALID', `${what} ${JSON.stringify(value)} cannot be served: ${why}`, {
    hint: 'correct it in the manifest',
    fields: { what, value },
  });

export const notRunning = (what: 'haproxy' | 'nginx', cause?: unknown) =>
  new BerthError('EDGE_NOT_RUNNING', `${what} does not answer${cause === undefined ? '' : `: ${reasonOf(cause)}`}`, {
    hint: 'start the edge again; the end of its log says why it stopped',
    fields: { what },
    cause,
  });

export const didNotStart = (what: 'haproxy' | 'nginx', output: string) =>
  new BerthError('EDGE_DID_NOT_START', `${what} did not start: ${output === '' ? 'it said nothing' : output}`, {
    hint: 'the message is its own; see its log in the edge directory',
    fields: { what, output },
  });

export const reloadFailed = (output: string) =>
  new BerthError(
    'EDGE_RELOAD_FAILED',
    `HAProxy did not take the new configuration, the old one goes on: ${output === '' ? 'it said nothing' : output}`,
    {
      hint: 'the message is its own; see haproxy.log in the edge directory',
      fields: { output },
    },
  );

export const commandRefused = (command: string, answer: string) =>
  new BerthError('EDGE_COMMAND_REFUSED', `HAProxy answered "${answer}" to "${command}"`, {
    hint: 'the edge reloads from its files by itself when a command fails; report this if it comes again',
    fields: { command, answer },
  });

export const stateNotReached = (differences: readonly string[]) =>
  new BerthError('EDGE_STATE_NOT_REACHED', `HAProxy runs, but not with what was asked for: ${differences.join('; ')}`, {
    hint: 'report this with haproxy.log of the edge directory',
    fields: { differences },
  });

export const directoryClosed = (directory: string, user: string, blocked: string) =>
  new BerthError('EDGE_DIRECTORY_CLOSED', `the user ${user} cannot reach ${directory}: ${blocked} may not be entered by others`, {
    hint: `choose a home outside of it, or allow passing through: chmod o+x ${blocked}`,
    fields: { directory, user, blocked },
  });

export const pathTooLong = (path: string) =>
  new BerthError('EDGE_PATH_TOO_LONG', `${path} is too long for a unix socket`, {
    hint: 'choose a home with a shorter path (at most 80 characters)',
    fields: { path },
  });

export const certificateInvalid = (host: string, why: string) =>
  new BerthError('EDGE_CERTIFICATE_INVALID', `the certificate for ${host} was not taken: ${why}`, {
    hint: 'give the chain in PEM, leaf first, and the private key that belongs to it',
    fields: { host, why },
  });

export const certificateNotFound = (host: string) =>
  new BerthError('EDGE_CERTIFICATE_NOT_FOUND', `there is no certificate of your own for ${host}`, {
    hint: 'list the certificates to see the names',
    fields: { host },
  });

export const issueFailed = (output: string) =>
  new BerthError('EDGE_LOCAL_AUTHORITY_FAILED', `the local authority could not make a certificate: ${output}`, {
    hint: 'this is a fault in Berth: please report it',
    fields: { output },
  });

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
