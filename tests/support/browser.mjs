// Debian's Chromium, headless, with a profile that is thrown away.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'];

// {page, close}; page errors are collected in page.problems.
export async function openBrowser({ width = 1280, height = 720, executable = process.env.CHROMIUM ?? '/usr/bin/chromium' } = {}) {
  const { chromium } = createRequire(new URL('../e2e/', import.meta.url))('playwright-core');
  const profile = await mkdtemp(path.join(tmpdir(), 'liveserver-browser-'));
  const discard = () => rmSync(profile, { recursive: true, force: true });
  process.once('exit', discard);  // after Ctrl-C, too
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable, headless: true, args: kFlags, viewport: { width, height },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  const close = async () => {
    await context.close();
    process.off('exit', discard);
    discard();
  };
  return { page, close };
}

// What the <video> of a page says of itself.
export const videoOf = (page) => page.evaluate(() => {
  const { paused, muted, ended, currentTime, videoHeight } = document.querySelector('video');
  return { paused, muted, ended, time: currentTime, height: videoHeight };
});
