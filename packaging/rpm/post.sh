usermod -a -G docker armory-agent
if [ -d /run/systemd/system ]; then systemd-tmpfiles --create armory-agent.conf || :; fi
if [ "$1" -eq 1 ]; then
  # First installation: enabled and started, as an EC2 node needs no further step.
  systemctl enable armory-agent.service >/dev/null 2>&1 || :
fi
exit 0
