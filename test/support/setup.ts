// The SDK warns once per process about future Node.js versions. Test output should only show failures.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
