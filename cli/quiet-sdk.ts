// Suppresses the SDK's five-line warning about future Node.js versions. Import this before any SDK module.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
