// Loaded into npm: names below .localhost are this machine (RFC 6761, section 6.3), whether or not its resolver knows.
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (hostname, ...rest) => lookup(/\.localhost$/.test(hostname) ? '127.0.0.1' : hostname, ...rest);
