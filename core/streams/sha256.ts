/**
 * SHA-256 of the text's UTF-8 bytes, as 64 hexadecimal digits. Uses Web Crypto, because core does not import Node
 * modules.
 */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
