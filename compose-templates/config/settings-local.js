// The stack lays its own over this file, with the flags of the role (configs in spinnaker.yml). A file of this
// name in /etc/armory-agent/config/ is taken instead of both.
