// A program in TypeScript that uses the generated SDK: `node program.js up|refused`, run through the Automation API.
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import * as nodrop from "./sdk";

class Kubernetes extends pulumi.ProviderResource {
    constructor(name: string, kubeconfig: pulumi.Input<string>, clusterIdentifier: pulumi.Input<string>) {
        super("kubernetes", name, { kubeconfig, clusterIdentifier }, { version: "4.34.2" });
    }
}

async function up() {
    const net = new nodrop.Network("net", { region: "us-central1" });
    const cluster = new nodrop.StandardCluster("main", {
        location: "us-central1",
        network: {
            network: net.networkId,
            subnetwork: net.subnetworkId,
            podsRange: "pods",
            servicesRange: "services",
        },
        zones: ["us-central1-b", "us-central1-c"],
        datapath: nodrop.Datapath.LEGACY,
    });
    const pool = new nodrop.NodePool("pool", {
        cluster: cluster.clusterId,
        serviceAccount: cluster.nodeServiceAccount,
        autoscaling: { maxNodes: 5 },
    });
    const kubernetes = new Kubernetes("main", cluster.kubeconfig, cluster.clusterId);
    const web = new nodrop.WebService(
        "web",
        {
            image: pulumi.interpolate`shop/web:${pulumi.output("1.4")}`,
            replicas: pulumi.output(3) as any,
            env: { NETWORK: net.networkId, LEVEL: "info" },
            secretEnv: { TOKEN: pulumi.secret("hunter2") },
            hosts: ["www.example.com"],
            healthCheck: { path: "/healthz" },
            rollout: { longestRequestSeconds: 7.5, onTerm: nodrop.OnTerm.DRAIN, maxSurge: 2, keepAliveTimeoutSeconds: 620 },
        },
        { providers: [kubernetes], dependsOn: [pool] },
    );
    const there = { providers: [kubernetes] };
    const space = new nodrop.Namespace("parts", {}, { ...there, dependsOn: [pool] });
    const service = new nodrop.NegService("api", { namespace: space.name }, there);
    const front = new nodrop.Ingress("api", { namespace: space.name, defaultService: service.serviceName }, there);
    const after = { ...there, dependsOn: [front] };
    new nodrop.RollingDeployment("api", { namespace: space.name, image: "shop/api:1" }, after);
    return { url: web.url, address: web.address, kubeconfig: cluster.kubeconfig, pool: pool.nodePoolId };
}

async function refused() {
    const net = new nodrop.Network("net", { region: "us-central1" });
    new nodrop.WebService("web", {
        image: 5,
        replicas: net.networkId.apply((id) => id.length),
        port: "8080",
        hosts: "www.example.com",
        env: ["LEVEL"],
        secretEnvs: { TOKEN: "hunter2" },
        secretEnv: { "1": "hunter2" },
        files: { "/app/key": 7, "no/path": pulumi.secret("hunter2") },
        healthCheck: net.networkId.apply((id) => ({ path: id })),
        rollout: { onTerm: "explode", keepAliveTimeoutSecond: 5, preStopSeconds: 20.5 },
    } as any);
}

async function main() {
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "test", projectName: "shop", program: process.argv[2] === "up" ? up : refused },
        { workDir: __dirname },
    );
    try {
        await stack.preview();
        if (process.argv[2] !== "up") {
            return;
        }
        const first = await stack.up();
        const again = (await stack.up({ expectNoChanges: true })).summary.resourceChanges;
        const outputs = Object.fromEntries(Object.entries(first.outputs).map(([key, { value }]) => [key, value]));
        const { resources } = (await stack.exportStack()).deployment;
        console.log(JSON.stringify({ outputs, changes: again, resources, printed: first.stdout }));
    } catch (error: any) {
        console.log(JSON.stringify({ error: String(error) }));
    }
}

main();
