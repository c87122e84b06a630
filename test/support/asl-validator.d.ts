declare module 'asl-validator' {
  /** Checks the structure of a definition. */
  export default function validate(definition: unknown): {
    isValid: boolean;
    errorsText: (separator: string) => string;
  };
}
