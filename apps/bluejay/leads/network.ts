/** Where somebody came from, as much of it as is kept: enough to see that messages belong together, too little to be a person. */

/** `203.0.113.0/24`, `2001:db8:1::/48`; '' for what is no address. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(mapped);
  if (four !== null) return `${four[1]}.${four[2]}.${four[3]}.0/24`;
  if (!/^[0-9a-f:]+$/i.test(mapped) || !mapped.includes(':')) return '';
  const [head = '', tail] = mapped.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back]
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/48`;
};
