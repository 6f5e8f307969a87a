window.spinnakerSettings.authEnabled = true;
