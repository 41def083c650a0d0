declare module 'tr46' {
  interface UnicodeOptions {
    checkHyphens?: boolean
    checkBidi?: boolean
    checkJoiners?: boolean
    useSTD3ASCIIRules?: boolean
    transitionalProcessing?: boolean
    ignoreInvalidPunycode?: boolean
  }

  interface AsciiOptions extends UnicodeOptions {
    verifyDNSLength?: boolean
  }

  /** The domain as A-labels, or null when any rule refuses it. */
  export function toASCII(domain: string, options?: AsciiOptions): string | null

  /** The domain as U-labels; `error` tells whether any rule refuses it. */
  export function toUnicode(domain: string, options?: UnicodeOptions): { domain: string; error: boolean }
}
