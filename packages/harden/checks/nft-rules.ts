/** The firewall as text for nft, and what nft says of it. */

export type OpenPorts = { readonly tcp: readonly number[]; readonly udp: readonly number[] };

export const FIREWALL_FILE = '/etc/nftables.d/berth.nft';
export const FIREWALL_UNIT = 'berth-firewall.service';

/** One transaction: there is no moment at which SSH is denied. Tables of others (Docker, fail2ban) are not touched. */
export const renderFirewall = ({ tcp, udp }: OpenPorts): string => `#!/usr/sbin/nft -f
# Written by Berth; berth harden writes it again. For other open ports: "openPorts" in /etc/berth/harden.json.

table inet berth
delete table inet berth

table inet berth {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tct state vmap { established : accept, related : accept, invalid : drop }
\t\tiif lo accept
\t\ttcp dport { ${tcp.join(', ')} } accept
${udp.length === 0 ? '' : `\t\tudp dport { ${udp.join(', ')} } accept\n`}\t\ticmp type { destination-unreachable, time-exceeded, parameter-problem } accept
\t\ticmp type echo-request limit rate 20/second accept
\t\ticmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
\t\ticmpv6 type echo-request limit rate 20/second accept
\t\ticmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
\t\ticmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr fe80::/10 accept
\t\tudp sport 67 udp dport 68 accept comment "DHCP"
\t\tip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"
\t}
}
`;

export const renderFirewallUnit = (): string => `# Written by Berth
[Unit]
Description=Firewall of Berth: what may be reached from outside
DefaultDependencies=no
Wants=network-pre.target
# The distribution's own unit begins by removing every rule.
After=nftables.service
Before=network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft --file ${FIREWALL_FILE}
ExecReload=/usr/sbin/nft --file ${FIREWALL_FILE}
ExecStop=/usr/sbin/nft delete table inet berth

[Install]
WantedBy=sysinit.target
`;

export type LoadedTable = { readonly dropsByDefault: boolean; readonly open: OpenPorts };

/** From `nft --json list table inet berth`. */
export const parseTable = (json: string): LoadedTable => {
  const items = (JSON.parse(json) as { nftables: readonly NftItem[] }).nftables;
  const dropsByDefault = items.some(({ chain }) => chain?.hook === 'input' && chain.policy === 'drop');
  const open: { tcp: number[]; udp: number[] } = { tcp: [], udp: [] };
  for (const { rule } of items) {
    const accepts = rule?.expr.some((expr) => 'accept' in expr) === true;
    const matches = rule?.expr.flatMap(({ match }) => (match === undefined ? [] : [match])) ?? [];
    // A rule with conditions besides the port (DHCP) opens it to some only.
    if (!accepts || matches.length !== 1) continue;
    const payload = matches[0]?.left.payload;
    if (payload?.field !== 'dport' || (payload.protocol !== 'tcp' && payload.protocol !== 'udp')) continue;
    open[payload.protocol].push(...portsOf(matches[0]?.right));
  }
  return { dropsByDefault, open };
};

type NftItem = {
  readonly chain?: { readonly hook?: string; readonly policy?: string };
  readonly rule?: { readonly expr: readonly NftExpression[] };
};

type NftExpression = {
  readonly match?: {
    readonly left: { readonly payload?: { readonly protocol: string; readonly field: string } };
    readonly right: unknown;
  };
};

const portsOf = (right: unknown): readonly number[] => {
  if (typeof right === 'number') return [right];
  const { set } = (right ?? {}) as { set?: unknown };
  return Array.isArray(set) ? set.filter((port) => typeof port === 'number') : [];
};
