"""What Terraform asks AWS and moto does not answer: the thinnest answer that keeps what was said, so that
a test can ask for it again. Importing this adds it to moto.

  - ElastiCache's parameter groups, DeleteCacheSubnetGroup, and the member clusters of a replication
    group, which moto names but does not have. A deleted replication group is gone.
  - Auto Scaling's LifecycleHookSpecificationList, the hooks a group is created with.
"""
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import ElastiCacheException
from moto.elasticache.responses import ElastiCacheResponse

GROUPS = {}


class NoParameterGroup(ElastiCacheException):
    code = "CacheParameterGroupNotFound"


def group(self):
    name = self._get_param("CacheParameterGroupName")
    if name not in GROUPS:
        raise NoParameterGroup(f"CacheParameterGroup {name} not found.")
    return GROUPS[name]


def create_parameter_group(self):
    name = self._get_param("CacheParameterGroupName")
    arn = f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}"
    said = {
        "CacheParameterGroupName": name, "ARN": arn, "IsGlobal": False,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description")}
    GROUPS[name] = {"said": said, "parameters": {}}
    self.elasticache_backend.tagging_service.tag_resource(arn, self._get_params().get("Tags", []))
    return ActionResult({"CacheParameterGroup": said})


def describe_parameter_groups(self):
    if self._get_param("CacheParameterGroupName"):
        return ActionResult({"CacheParameterGroups": [group(self)["said"]]})
    return ActionResult({"CacheParameterGroups": [g["said"] for g in GROUPS.values()]})


def modify_parameter_group(self):
    for one in self._get_params()["ParameterNameValues"]:
        group(self)["parameters"][one["ParameterName"]] = one["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": self._get_param("CacheParameterGroupName")})


def describe_parameters(self):
    return ActionResult({"Parameters": [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in group(self)["parameters"].items()]})


def delete_parameter_group(self):
    group(self)
    del GROUPS[self._get_param("CacheParameterGroupName")]
    return EmptyResult()


def delete_subnet_group(self):
    self.elasticache_backend.cache_subnet_groups.pop(self._get_param("CacheSubnetGroupName"), None)
    return EmptyResult()


moto_lists_tags = ElastiCacheResponse.list_tags_for_resource


def list_tags(self):
    arn = self._get_param("ResourceName")
    if ":parametergroup:" in arn:
        tags = self.elasticache_backend.tagging_service.list_tags_for_resource(arn)["Tags"]
        return ActionResult({"TagList": tags})
    return moto_lists_tags(self)


moto_describes_clusters = ElastiCacheResponse.describe_cache_clusters


def describe_clusters(self):
    wanted = self._get_param("CacheClusterId")
    for one in self.elasticache_backend.replication_groups.values():
        if wanted in one.member_clusters:
            return ActionResult({"CacheClusters": [{
                "CacheClusterId": wanted, "CacheClusterStatus": "available",
                "ReplicationGroupId": one.replication_group_id,
                "Engine": one.engine, "EngineVersion": f"{one.engine_version}.0",
                "CacheNodeType": one.cache_node_type, "NumCacheNodes": 1,
                "CacheParameterGroup": {
                    "CacheParameterGroupName": one.cache_parameter_group_name,
                    "ParameterApplyStatus": "in-sync"},
                "CacheSubnetGroupName": one.cache_subnet_group_name,
                "SecurityGroups": [
                    {"SecurityGroupId": i, "Status": "active"} for i in one.security_group_ids],
                "TransitEncryptionEnabled": one.transit_encryption_enabled,
                "AtRestEncryptionEnabled": one.at_rest_encryption_enabled,
                "AuthTokenEnabled": one.auth_token_enabled}]})
    return moto_describes_clusters(self)


ElastiCacheResponse.create_cache_parameter_group = create_parameter_group
ElastiCacheResponse.describe_cache_parameter_groups = describe_parameter_groups
ElastiCacheResponse.modify_cache_parameter_group = modify_parameter_group
ElastiCacheResponse.describe_cache_parameters = describe_parameters
ElastiCacheResponse.delete_cache_parameter_group = delete_parameter_group
ElastiCacheResponse.delete_cache_subnet_group = delete_subnet_group
ElastiCacheResponse.describe_cache_clusters = describe_clusters
ElastiCacheResponse.list_tags_for_resource = list_tags

moto_creates_group = AutoScalingResponse.create_auto_scaling_group


def create_group(self):
    answer = moto_creates_group(self)
    for hook in self._get_params().get("LifecycleHookSpecificationList", []):
        self.autoscaling_backend.create_lifecycle_hook(
            hook["LifecycleHookName"], self._get_param("AutoScalingGroupName"),
            hook["LifecycleTransition"], int(hook.get("HeartbeatTimeout", 3600)), hook["DefaultResult"])
    return answer


AutoScalingResponse.create_auto_scaling_group = create_group

moto_deletes_replication_group = ElastiCacheResponse.delete_replication_group


# In moto it is being deleted for ever.
def delete_replication_group(self):
    answer = moto_deletes_replication_group(self)
    self.elasticache_backend.replication_groups.pop(self._get_param("ReplicationGroupId"), None)
    return answer


ElastiCacheResponse.delete_replication_group = delete_replication_group
