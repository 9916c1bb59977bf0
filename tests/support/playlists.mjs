// What playlists refer to, as absolute addresses in their order.

// The lines of their own: a multivariant's renditions, a media playlist's segments.
export const listedIn = (text, base) => text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => new URL(line, base).href);

// Those and every URI attribute: audio renditions, init segments, parts, hints, reports.
export const addressesIn = (text, base) => [...text.matchAll(/URI="([^"]+)"|^(?!#)(\S+)$/gm)].map(([, a, b]) => new URL(a ?? b, base).href);
