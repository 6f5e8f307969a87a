# Removed, not upgraded. Stopping the agent stops no container.
if [ "$1" -eq 0 ]; then
  if [ -d /run/systemd/system ]; then systemctl --no-reload disable --now armory-agent.service >/dev/null 2>&1 || :
  else systemctl disable armory-agent.service >/dev/null 2>&1 || :
  fi
fi
exit 0
