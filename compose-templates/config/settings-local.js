// deck, over the settings in its image. The API is asked by way of deck's own address: its web server
// passes /gate on, so that one address is enough, no URL is wrong behind a load balancer, and the browser
// has no reason to ask for CORS. With authentication gate needs an address of its own: then put
// your settings-local.js into /etc/armory-agent/config/ and name it here.
window.spinnakerSettings.gateUrl = '/gate';
window.spinnakerSettings.authEndpoint = '/gate/auth/user';
window.spinnakerSettings.bakeryDetailUrl = '/gate/bakery/logs/{{context.region}}/{{context.status.resourceId}}';
