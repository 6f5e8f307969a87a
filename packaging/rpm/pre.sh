# The files belong to the group, so it must be there before they are: sysusers comes too late.
getent group docker >/dev/null || groupadd -r docker
getent group armory-agent >/dev/null || groupadd -r armory-agent
getent passwd armory-agent >/dev/null ||
  useradd -r -g armory-agent -G docker -d /var/lib/armory-agent -M -s /sbin/nologin -c "Armory agent" armory-agent
exit 0
