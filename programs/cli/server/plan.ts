/** What `server add` will do, as a numbered list for whoever is asked. Pure. */
import type { Seen } from './preflight.ts';

type Wish = {
  readonly harden: boolean;
  readonly domain: string | null;
  readonly email: string | null;
  readonly artifact: { readonly id: string; readonly bytes: number };
  /** The server has this artifact, whole. */
  readonly uploaded: boolean;
};

export const renderPlan = (seen: Seen, { harden, domain, email, artifact, uploaded }: Wish): string[] => {
  const megabytes = Math.round(artifact.bytes / 1e6);
  const packages = ['haproxy', 'nginx'].filter((name) => seen.installed[name] === undefined);
  const again = seen.berth.unit !== null;
  const steps = [
    uploaded
      ? `find Berth ${artifact.id} in /usr/lib/berth, where it is, whole`
      : `send Berth ${artifact.id} (${megabytes} MB, with its own Node) to /usr/lib/berth${seen.berth.current === null ? '' : `, beside ${seen.berth.current}`}`,
    packages.length === 0
      ? 'use the haproxy and nginx that are installed'
      : `install ${packages.join(' and ')} with apt; the services that they bring stay off`,
    'link /usr/local/bin/berth, and create the users berth-edge and berth-build, /var/lib/berth and /etc/berth',
    `${again ? 'look after' : 'write'} berthd.service, enabled and started by systemd`,
    `answer on ports 80 and 443 of every address${domain === null ? '' : `, for apps below ${domain}`}`,
    ...(email === null ? [] : [`ask for certificates as ${email}`]),
    harden
      ? 'harden the host: firewall (SSH, 80 and 443 only), SSH with keys only, fail2ban, updates by themselves, time; each can be undone'
      : 'leave firewall, sshd and updates as they are (--no-harden)',
    'look at the result from here and from there',
  ];
  return steps.map((text, index) => `${String(index + 1).padStart(2)}. ${text}`);
};
