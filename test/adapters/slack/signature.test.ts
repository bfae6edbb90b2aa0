import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sameText, verifySignature } from '../../../src/adapters/slack/signature.ts';

/** The example of Slack's documentation. */
const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const body =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const nowMs = 1_531_420_618_000;
const context = { signingSecret, nowMs };
const request = { body, timestamp, signature };

const signed = (bytes: Uint8Array, at = timestamp): string =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${at}:`).update(bytes).digest('hex')}`;

describe('the signature of a request', () => {
  test("Slack's own example", () => {
    expect(verifySignature(request, context)).toBe('valid');
    expect(verifySignature({ ...request, body: Buffer.from(body) }, context)).toBe('valid');
  });

  test('is of the bytes, not of the text that they may be', () => {
    const bytes = Uint8Array.of(0x61, 0xff, 0xfe, 0x62);
    const given = { body: bytes, timestamp, signature: signed(bytes) };
    expect(verifySignature(given, context)).toBe('valid');
    expect(verifySignature({ ...given, body: Buffer.from(bytes).toString() }, context)).toBe('bad');
  });

  test('holds for five minutes, on both sides', () => {
    for (const offMs of [300_000, -300_000, 299_999])
      expect(verifySignature(request, { ...context, nowMs: nowMs + offMs })).toBe('valid');
    for (const offMs of [300_001, -300_001, 86_400_000])
      expect(verifySignature(request, { ...context, nowMs: nowMs + offMs })).toBe('stale');
  });

  test.each([
    ['another body', { body: `${body}&` }],
    ['another secret', { signature: signature.replace('a2', 'a3') }],
    ['its end is missing', { signature: signature.slice(0, -1) }],
    ['more behind it', { signature: `${signature}0` }],
    ['another version', { signature: signature.replace('v0', 'v1') }],
    ['in capitals', { signature: signature.toUpperCase() }],
    ['letters of two bytes', { signature: `v0=${'é'.repeat(32)}` }],
    ['empty', { signature: '' }],
    ['none', { signature: null }],
    ['no time', { timestamp: null }],
    ['a time of another kind', { timestamp: '1531420618.0' }],
    ['a time that is none', { timestamp: 'Infinity' }],
    ['another time in the window', { timestamp: '1531420619' }],
  ])('%s', (_, more) => {
    expect(verifySignature({ ...request, ...more }, context)).toBe('bad');
  });

  test('an old request is told from a forged one without its signature', () => {
    const forged = { ...request, signature: 'v0=00' };
    expect(verifySignature(forged, { ...context, nowMs: nowMs + 400_000 })).toBe('stale');
  });
});

test('sameText', () => {
  expect(sameText('a', 'a')).toBe(true);
  expect(sameText('a', 'b')).toBe(false);
  expect(sameText('a', 'ab')).toBe(false);
  expect(sameText('é', 'e\u0301')).toBe(false);
  expect(sameText('', '')).toBe(true);
});
