// What the page says when there is no picture, and why.

const kPatienceMs = 1200;  // a short wait needs a spinner, not words

const kMessages = {
  offline: {
    icon: 'offline',
    title: 'This stream is offline',
    text: 'Nothing is being broadcast at this address right now. Leave this page open: it starts by itself as soon as the broadcast does.',
    hint: 'Waiting for the broadcast',
  },
  ended: {
    icon: 'ended',
    title: 'The broadcast has ended',
    text: 'Thank you for watching. If there is a next broadcast, it starts here by itself.',
    hint: 'Waiting for the next broadcast',
  },
  busy: {
    icon: 'waiting',
    title: 'The server cannot send the stream right now',
    text: 'It may be starting again, or have too many viewers. The picture comes back by itself as soon as it can.',
    hint: 'Trying again every second',
    afterMs: kPatienceMs,
  },
  refused: {
    icon: 'offline',
    title: 'This address may not be watched',
    text: 'The server refuses it; it may have expired. Open the stream again from where you found it.',
  },
  unreachable: {
    icon: 'waiting',
    title: 'The server does not answer',
    text: 'Your connection or the server may be down. The picture comes back by itself when it answers again.',
    hint: 'Trying again every second',
    afterMs: kPatienceMs,
  },
  waiting: {
    icon: 'waiting',
    title: 'The picture has stopped',
    text: 'The stream is not coming through at the moment. It goes on by itself as soon as it does.',
    hint: 'Reconnecting',
    afterMs: 4000,
  },
  connecting: {
    icon: 'waiting',
    title: 'Connecting takes longer than usual',
    text: 'The stream is there, but its picture has not arrived yet.',
    hint: 'Connecting',
    afterMs: 5000,
  },
  unsupported: {
    icon: 'unsupported',
    title: 'This browser cannot play the stream',
    text: 'It lacks Media Source Extensions with H.264 and AAC. Any current version of Firefox, Chrome, Edge or Safari has them.',
  },
};

export class Messages {
  #playback;
  #player = document.getElementById('player');
  #box = document.getElementById('message');
  #shown = null;

  constructor(playback) {
    this.#playback = playback;
    playback.addEventListener('change', () => this.#update());
  }

  #update() {
    const { phase, phaseAgeMs, blocked } = this.#playback;
    this.#player.dataset.phase = phase;
    document.getElementById('start').hidden = !blocked || phase !== 'connecting';
    const message = kMessages[phase];
    const due = message && !blocked && phaseAgeMs >= (message.afterMs ?? 0);
    this.#player.classList.toggle('spinning', !due && !blocked && ['connecting', 'waiting', 'busy', 'unreachable'].includes(phase));
    this.#show(due ? message : null);
  }

  #show(message) {
    if (message === this.#shown) return;
    this.#shown = message;
    this.#box.hidden = !message;
    this.#player.classList.toggle('dimmed', Boolean(message));
    if (!message) return;
    document.getElementById('message-icon').setAttribute('href', `#i-${message.icon}`);
    document.getElementById('message-title').textContent = message.title;
    document.getElementById('message-text').textContent = message.text;
    document.getElementById('message-hint').hidden = !message.hint;
    document.getElementById('message-hint-text').textContent = message.hint ?? '';
  }
}
