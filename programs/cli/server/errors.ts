import { BerthError, type ErrorBody } from '@berth/core';

export const destinationInvalid = (text: string): BerthError =>
  new BerthError('SERVER_DESTINATION_INVALID', `${JSON.stringify(text)} is no place that ssh could go to`, {
    hint: 'write root@203.0.113.7, root@server.example.com, or a name from ~/.ssh/config',
    fields: { destination: text },
  });

export const sshMissing = (): BerthError =>
  new BerthError('SSH_MISSING', 'there is no ssh on this machine, and Berth reaches servers through it', {
    hint: 'install it: apt-get install openssh-client',
  });

export const sshHostUnknown = (host: string): BerthError =>
  new BerthError('SSH_HOST_NOT_FOUND', `the name ${host} leads to no machine`, {
    hint: 'check the name, or use the address of the server',
    fields: { host },
  });

export const sshRefused = (host: string, port: string): BerthError =>
  new BerthError('SSH_REFUSED', `${host} refuses connections on port ${port}: no SSH server listens there`, {
    hint: 'check that the server runs sshd; another port is given with --ssh-port',
    fields: { host, port },
  });

export const sshUnreachable = (host: string, port: string, why: string): BerthError =>
  new BerthError('SSH_UNREACHABLE', `${host} does not answer on port ${port} (${why})`, {
    hint: 'check that the machine is on, that its address is right, and that no firewall (also your provider’s) is in between',
    fields: { host, port },
  });

export const sshClosed = (host: string, why: string): BerthError =>
  new BerthError('SSH_CLOSED', `${host} closed the connection before it began (${why})`, {
    hint: 'this address may be banned there for some minutes after failed logins (fail2ban), or too many logins are under way; try again later',
    fields: { host },
  });

export const sshKeyRefused = (user: string, host: string, tried: readonly string[]): BerthError =>
  new BerthError(
    'SSH_KEY_REFUSED',
    `${host} lets ${user} in with none of your keys${tried.length === 0 ? ': there was none to try' : `; tried: ${tried.join('; ')}`}`,
    {
      hint: `add your public key to ~${user}/.ssh/authorized_keys there (ssh-copy-id ${user}@${host}), load a key with a passphrase with ssh-add, or name one with --identity`,
      fields: { user, host, tried },
    },
  );

export const sshIdentityUnusable = (file: string, why: string): BerthError =>
  new BerthError('SSH_IDENTITY_UNUSABLE', `the key ${file} cannot be used: ${why}`, {
    hint: 'give the file of a private key that only you may read (chmod 600)',
    fields: { file },
  });

export const sshHostKeyUnknown = (host: string, fingerprint: string | null): BerthError =>
  new BerthError(
    'SSH_HOST_KEY_UNKNOWN',
    `the key of ${host} is not known here${fingerprint === null ? '' : `: ${fingerprint}`}`,
    {
      hint:
        fingerprint === null
          ? 'connect once with ssh by hand, and compare the fingerprint that it shows'
          : `compare it with what the server's console or your provider shows, then: --accept-host-key ${fingerprint}`,
      fields: { host, fingerprint },
    },
  );

export const sshHostKeyDiffers = (host: string, wanted: string, found: string): BerthError =>
  new BerthError('SSH_HOST_KEY_CHANGED', `${host} showed the key ${found}, and not ${wanted}`, {
    hint: 'nothing was sent. Find out whether the server was installed anew, or whether somebody stands in between',
    fields: { host, wanted, found },
  });

export const sshHostKeyChanged = (host: string, fingerprint: string | null, file: string | null): BerthError =>
  new BerthError(
    'SSH_HOST_KEY_CHANGED',
    `the key of ${host} is not the one that it had${fingerprint === null ? '' : `: it shows ${fingerprint}`}${file === null ? '' : `, and ${file} has another`}`,
    {
      hint: `nothing was sent. If the server was installed anew, forget its old key: ssh-keygen -R '${host}'${file === null ? '' : ` -f ${file.replace(/:\d+$/, '')}`}; otherwise somebody stands in between`,
      fields: { host, fingerprint, file },
    },
  );

export const sshSudoMissing = (user: string, host: string, why: string): BerthError =>
  new BerthError('SSH_SUDO_MISSING', `${user} may not become root on ${host} without a password: ${why}`, {
    hint: `use root@${host}, or allow it there: echo '${user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user}`,
    fields: { user, host },
  });

export const sshFailed = (host: string, lines: readonly string[]): BerthError =>
  new BerthError('SSH_FAILED', `ssh could not connect to ${host}: ${lines.join('; ') || 'it did not say why'}`, {
    hint: `see more with: ssh -v ${host}`,
    fields: { host },
  });

export const sshLost = (host: string, doing: string): BerthError =>
  new BerthError('SSH_CONNECTION_LOST', `the connection to ${host} broke off ${doing}`, {
    hint: 'run the same command again: it goes on where it stopped',
    fields: { host },
  });

export const remoteFailed = (host: string, argv: readonly string[], how: { code: number | null; said: string }): BerthError =>
  new BerthError(
    'SERVER_COMMAND_FAILED',
    `${argv[0]} ended with code ${how.code} on ${host}${how.said === '' ? '' : `: ${how.said.trim().split('\n').slice(-5).join('\n')}`}`,
    { hint: 'its reason is above; put it right there and run the command again', fields: { host, argv, code: how.code } },
  );

/** An error of Berth's own at the other end, told as it is. */
export const remoteError = ({ code, message, hint, fields }: ErrorBody, host: string): BerthError =>
  new BerthError(code, message, { hint, fields: { ...fields, host } });

export const configDirectoryUnknown = (): BerthError =>
  new BerthError(
    'SERVER_CONFIG_UNKNOWN',
    'neither HOME nor XDG_CONFIG_HOME is set, so that there is no place for the list of servers',
    {
      hint: 'set one of them',
    },
  );

export const serversFileUnreadable = (file: string, why: string): BerthError =>
  new BerthError('SERVER_FILE_UNREADABLE', `the list of servers cannot be read: ${why}`, {
    hint: `put ${file} right, or move it away and add the servers again: berth server add changes nothing on a server that is whole`,
    fields: { file },
  });

export const serverNotFound = (name: string, meant: string | null, names: readonly string[]): BerthError =>
  new BerthError('SERVER_NOT_FOUND', `no server is called ${name}`, {
    hint:
      meant !== null
        ? `did you mean ${meant}?`
        : names.length === 0
          ? 'there are none yet: berth server add root@HOST'
          : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}: berth server ls`,
    fields: { name },
  });

export const stepUnfinished = (title: string, left: readonly string[]): BerthError =>
  new BerthError('SERVER_STEP_UNFINISHED', `${title}: made, and still to do: ${left.join('; ')}`, {
    hint: 'something else on the machine may have changed it back at once (a configuration management?); run the same command again',
    fields: { left },
  });

export const hardeningTakenBack = (checks: readonly string[]): BerthError =>
  new BerthError(
    'SERVER_HARDENING_TAKEN_BACK',
    `the changes of ${checks.join(' and ')} were taken back: nobody came in over a new SSH connection to confirm them`,
    {
      hint: 'everything else is installed. See with berth audit what is wrong there, then run the same command again, or leave it out with --no-harden',
      fields: { checks },
    },
  );

export const daemonNotReady = (lastWords: readonly string[]): BerthError =>
  new BerthError('SERVER_DAEMON_NOT_READY', ['berthd was started and does not answer', ...lastWords].join('\n'), {
    hint: 'see more there with: journalctl -u berthd',
  });

export const installRefused = (why: string): BerthError =>
  new BerthError('SERVER_INSTALL_REFUSED', `this is not run on a server's own installation: ${why}`, {
    hint: 'on your own machine: berth server add root@HOST',
  });

export const installUnderWay = (cause: unknown): BerthError =>
  new BerthError('SERVER_INSTALL_BUSY', 'another installation is under way on this machine', {
    hint: 'wait for its end, then run the same command again',
    cause,
  });

export const interruptedInstallation = (said: string): BerthError =>
  new BerthError(
    'SERVER_PACKAGES_BROKEN',
    `an installation of packages was interrupted on the server, and cannot be finished: ${said}`,
    {
      hint: 'see why there with: dpkg --configure -a; then run the same command again',
    },
  );

export const artifactFailed = (message: string, hint: string): BerthError => new BerthError('ARTIFACT_FAILED', message, { hint });

export const artifactToolMissing = (): BerthError =>
  new BerthError('ARTIFACT_NOT_FROM_HERE', 'this Berth is an installation on a server, and cannot make others', {
    hint: 'run it from a clone of Berth, or give --artifact FILE (made in a clone by: npm run artifact)',
  });

export const artifactUnusable = (file: string, why: string): BerthError =>
  new BerthError('ARTIFACT_UNUSABLE', `${file} is no artifact of Berth that could be used: ${why}`, {
    hint: 'make one in a clone of Berth: npm run artifact',
    fields: { file },
  });

export const uploadFailed = (host: string, said: string): BerthError =>
  new BerthError('SERVER_UPLOAD_FAILED', `Berth could not be unpacked on ${host}: ${said.trim() || 'it did not say why'}`, {
    hint: 'check the disk there (df -h /usr/lib), then run the same command again',
    fields: { host },
  });

export const uploadBusy = (host: string): BerthError =>
  new BerthError('SERVER_INSTALL_BUSY', `somebody else is installing Berth on ${host} at this moment`, {
    hint: 'wait for its end, then run the same command again',
    fields: { host },
  });

export const machineUnfit = (host: string, problems: readonly { check: string; says: string; hint?: string }[]): BerthError =>
  new BerthError(
    'SERVER_UNFIT',
    [`${host} cannot become a server as it is:`, ...problems.map(({ check, says }) => `  ${check}: ${says}`)].join('\n'),
    {
      hint:
        problems.flatMap(({ hint }) => hint ?? []).join('; ') || 'put right what is named above, then run the same command again',
      fields: { host, problems },
    },
  );

export const nothingInstalled = (host: string): BerthError =>
  new BerthError('SERVER_NOT_INSTALLED', `Berth is not installed on ${host}`, {
    hint: `install it: berth server add root@${host}, without --remember`,
    fields: { host },
  });

export const preflightFailed = (host: string, said: string): BerthError =>
  new BerthError('SERVER_LOOK_FAILED', `looking at ${host} came to no end${said.trim() === '' ? '' : `: ${said.trim()}`}`, {
    hint: 'it needs a POSIX shell there that starts without saying anything; look with: ssh HOST sh -c true',
    fields: { host },
  });

export const serverNameTaken = (name: string, where: string): BerthError =>
  new BerthError('SERVER_NAME_TAKEN', `${name} is ${where} already`, {
    hint: 'choose another with --name, or forget that one: berth server rm NAME --forget',
    fields: { name },
  });

export const serverNameInvalid = (name: string): BerthError =>
  new BerthError('SERVER_NAME_INVALID', `${JSON.stringify(name)} cannot be the name of a server`, {
    hint: 'give one with --name: small letters, digits, dots and hyphens',
    fields: { name },
  });

export const installEndedEarly = (host: string, code: number | null, said: string): BerthError =>
  new BerthError(
    'SERVER_INSTALL_ENDED',
    `the installation on ${host} ended with code ${code} before it was through${said.trim() === '' ? '' : `: ${said.trim().split('\n').slice(-3).join('; ')}`}`,
    { hint: 'run the same command again: it goes on where it stopped', fields: { host, code } },
  );

export const platformNotThere = (name: string): BerthError =>
  new BerthError('PLATFORM_NOT_ON_SERVER', `Berth does not run on ${name}, and could not be started there`, {
    hint: 'berth server add ROOT@HOST again repairs it; berth server status shows what is there',
    fields: { server: name },
  });
