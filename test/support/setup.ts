// The SDK warns once per process about Node versions to come; a test's output is for failures.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
