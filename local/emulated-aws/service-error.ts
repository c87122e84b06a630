/** An error as AWS answers it: HTTP status, code and message. */
export class ServiceError extends Error {
  override name = 'ServiceError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A parameter that breaks one of the model's constraints, in AWS's words. */
export const constraintViolated = (name: string, value: string | null, constraint: string): ServiceError => {
  const shown = value === null ? 'null' : `'${value}'`;
  const parameter = name.charAt(0).toLowerCase() + name.slice(1);
  return new ServiceError(
    400,
    'ValidationError',
    `1 validation error detected: Value ${shown} at '${parameter}' failed to satisfy constraint: Member must ${constraint}`,
  );
};
