// The SDK prints five lines about Node versions to come: they are not the product's to say. Import this first.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
