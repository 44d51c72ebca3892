/** The DNS hook of the tests: `MANAGEMENT present|cleanup DOMAIN NAME VALUE` writes into pebble's DNS server. */
const [management = '', verb = '', domain = '', name = '', value = ''] = process.argv.slice(2);

if (domain === '' || name !== `_acme-challenge.${domain}`) throw new Error(`asked for ${name} of ${domain}`);
const answer = await fetch(`${management}/${verb === 'present' ? 'set-txt' : 'clear-txt'}`, {
  method: 'POST',
  body: JSON.stringify({ host: `${name}.`, value }),
});
if (!answer.ok) throw new Error(`the DNS server answered ${answer.status}`);
