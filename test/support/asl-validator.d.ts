declare module 'asl-validator' {
  /** Checks the shape of a definition. */
  export default function validate(definition: unknown): {
    isValid: boolean;
    errorsText: (separator: string) => string;
  };
}
