const list = document.querySelector('#messages');
const state = document.querySelector('#state');
const text = document.querySelector('#text');
const seen = new Set();
let socket;

function show({ id, text: said }) {
  if (seen.has(id)) return;
  seen.add(id);
  const item = document.createElement('li');
  item.textContent = said;
  list.append(item);
  item.scrollIntoView();
}

// What was said while the connection was away is fetched; after 1001 (a deploy) it is opened again at once.
async function connect() {
  socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
  socket.onmessage = (event) => show(JSON.parse(event.data));
  socket.onopen = async () => {
    state.textContent = 'connected';
    for (const message of await (await fetch('/messages')).json()) show(message);
  };
  socket.onclose = ({ code }) => {
    state.textContent = 'connecting again';
    setTimeout(connect, code === 1001 ? 0 : 1000);
  };
}

document.querySelector('#say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const response = await fetch('/messages', { method: 'POST', body: text.value });
  if (response.ok) text.value = '';
  else state.textContent = (await response.json()).error;
});

connect();
