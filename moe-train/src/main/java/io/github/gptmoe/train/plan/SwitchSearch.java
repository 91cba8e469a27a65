package io.github.gptmoe.train.plan;

import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Looks for settings that make a run fit, from those that cost little to those that cost more: recompute, smaller micro-batches,
 * ZeRO, expert parallelism, lower precision, an optimizer on the host, smaller pieces of logits. Each is turned on upon those
 * before it, and left out if it saves nothing then. The host is tried before what makes the optimizer's numbers coarser, and
 * where its memory is known; if in the end it is too small, the search is made once more without it. What later switches have
 * made needless is taken back in the end, the costly first.
 */
public final class SwitchSearch {
    private static final int SMALLEST_CHUNK = 128;

    /**
     * A setting to turn on.
     *
     * @param set for {@code --set}
     * @param savesBytes what it saves on a device, upon the switches before it
     * @param totalBytes what is left
     * @param hostBytes what a node's host then has to hold
     * @param fits whether that fits
     */
    public record Switch(String set, long savesBytes, long totalBytes, long hostBytes, boolean fits) {}

    private static final String OFFLOAD = "train.offloadOptimizer=cpu";

    /** Between settings that only go together, as they are given on the command line. */
    private static final String AND = " --set ";

    private final Function<List<String>, RunConfig> load;
    private final PlanTarget target;
    private final MemoryLimits memory;
    private final boolean mayOffload;
    /** What is turned on, in order; each has the milder values of its key that were on before it. */
    private final List<Chosen> chosen = new ArrayList<>();

    private RunConfig run;
    private MemoryPlan plan;

    private record Chosen(String set, List<String> milder) {}

    private SwitchSearch(
            Function<List<String>, RunConfig> load, PlanTarget target, MemoryLimits memory, boolean mayOffload) {
        this.load = load;
        this.target = target;
        this.memory = memory;
        this.mayOffload = mayOffload;
        run = load.apply(List.of());
        plan = MemoryPlan.of(run, target);
    }

    private static SwitchSearch made(Function<List<String>, RunConfig> load, PlanTarget target, MemoryLimits memory) {
        SwitchSearch search = new SwitchSearch(load, target, memory, true);
        search.run();
        if (!search.fits() && search.chosen.stream().anyMatch(one -> one.set.equals(OFFLOAD))) {
            SwitchSearch without = new SwitchSearch(load, target, memory, false);
            without.run();
            search = without.fits() ? without : search;
        }
        if (search.fits()) {
            search.takeBack();
        }
        return search;
    }

    /**
     * Searches.
     *
     * @param load reads the configuration with further overrides {@code key=value}
     * @param target what it is planned for
     * @param memory what there is for it
     * @return the switches in order, the last of which makes it fit and none of which can be left out; if nothing makes it
     *     fit, all that save something; empty if it does without
     */
    public static List<Switch> find(Function<List<String>, RunConfig> load, PlanTarget target, MemoryLimits memory) {
        return made(load, target, memory).switches();
    }

    /**
     * Looks for the smallest power of two of devices, times those of the target, on which it fits.
     *
     * @param load as in {@link #find}
     * @param target what it does not fit into
     * @param memory what there is for it
     * @return the devices and their switches; empty if there are none, for example because the global batch cannot be shared by
     *     so many
     */
    public static Optional<MoreDevices> findDevices(
            Function<List<String>, RunConfig> load, PlanTarget target, MemoryLimits memory) {
        for (int devices = 2 * target.devices(); devices <= PlanTarget.MOST_DEVICES; devices *= 2) {
            SwitchSearch search = made(load, new PlanTarget(devices, target.gpu()), memory);
            if (search.fits()
                    && RankDivision.problem(search.run.train(), devices).isEmpty()) {
                return Optional.of(new MoreDevices(devices, search.switches(), search.plan.total()));
            }
        }
        return Optional.empty();
    }

    /**
     * Devices on which it fits.
     *
     * @param devices how many
     * @param switches what to turn on there
     * @param totalBytes of each device
     */
    public record MoreDevices(int devices, List<Switch> switches, long totalBytes) {}

    private boolean fits() {
        return memory.fit(plan, target.devices());
    }

    private void run() {
        attention();
        tryOn("train.recompute=moe");
        tryOn("train.recompute=all");
        while (run.train().microBatch() > 1 && !fits() && halveMicroBatch()) {
            // until it fits or saves no more
        }
        if (target.devices() > 1) {
            tryOn("train.zeroStage=1");
            tryOn("train.zeroStage=2");
            expertParallel();
        }
        tryOn("train.precision=bf16");
        if (run.train().precision().equals("bf16")) {
            tryOn("train.gradientPrecision=bf16");
        }
        if (mayOffload && target.gpu() && memory.host().isPresent()) {
            tryOn(OFFLOAD);
        }
        tryOn("train.optimizer.moments=bf16");
        tryOn("train.optimizer.moments=int8");
        tryOn("train.optimizer.masterWeights=none");
        tryOn("train.clipNorm=0" + AND + "train.optimizerInBackward=true");
        while (run.train().headChunk() > SMALLEST_CHUNK
                && !fits()
                && tryOn("train.headChunk="
                        + Math.max(SMALLEST_CHUNK, run.train().headChunk() / 2))) {
            // as above
        }
    }

    /** Shares of long sequences are the largest part of all, and a form without them costs least. */
    private void attention() {
        NamedAttention form = target.attention(run);
        if (!target.gpu() && form.block() > 0) {
            tryOn("train.attention=" + NamedAttention.FUSED.label());
        }
    }

    private boolean halveMicroBatch() {
        TrainConfig train = run.train();
        int smaller = train.microBatch() / 2;
        while (smaller > 1 && !train.isDividedBy(smaller)) {
            smaller--;
        }
        return tryOn("train.microBatch=" + Math.max(1, smaller));
    }

    private void expertParallel() {
        for (int ranks : new TreeSet<>(divisors(target.devices()))) {
            if (ranks > run.train().expertParallel()) {
                tryOn("train.expertParallel=" + ranks);
            }
        }
    }

    private static List<Integer> divisors(int number) {
        List<Integer> divisors = new ArrayList<>();
        for (int divisor = 2; divisor <= number; divisor++) {
            if (number % divisor == 0) {
                divisors.add(divisor);
            }
        }
        return divisors;
    }

    /** Turns a setting on if that is allowed and saves something. */
    private boolean tryOn(String set) {
        if (fits()) {
            return false;
        }
        Optional<Chosen> earlier =
                chosen.stream().filter(one -> key(one.set).equals(key(set))).findFirst();
        List<Chosen> tried = new ArrayList<>(chosen);
        earlier.ifPresent(tried::remove);
        tried.add(new Chosen(set, earlier.map(SwitchSearch::upTo).orElse(List.of())));
        Optional<RunConfig> changed = loaded(tried);
        if (changed.isEmpty()) {
            return false;
        }
        MemoryPlan then = MemoryPlan.of(changed.get(), target);
        if (!isBetter(then, set)) {
            return false;
        }
        choose(tried, changed.get(), then);
        return true;
    }

    private static List<String> upTo(Chosen earlier) {
        List<String> milder = new ArrayList<>(earlier.milder);
        milder.add(earlier.set);
        return milder;
    }

    private void choose(List<Chosen> tried, RunConfig config, MemoryPlan then) {
        chosen.clear();
        chosen.addAll(tried);
        run = config;
        plan = then;
    }

    /**
     * A cheap switch may have been turned on before one that is enough without it. Whole switches are left out before milder
     * values are tried, because fewer are better.
     */
    private void takeBack() {
        for (Chosen one : reversed()) {
            List<Chosen> fewer = new ArrayList<>(chosen);
            fewer.remove(one);
            chooseIfItFits(fewer);
        }
        for (Chosen one : reversed()) {
            for (int value = 0; value < one.milder.size(); value++) {
                List<Chosen> milder = new ArrayList<>(chosen);
                milder.set(chosen.indexOf(one), new Chosen(one.milder.get(value), one.milder.subList(0, value)));
                if (chooseIfItFits(milder)) {
                    break;
                }
            }
        }
    }

    private List<Chosen> reversed() {
        List<Chosen> reversed = new ArrayList<>(chosen);
        Collections.reverse(reversed);
        return reversed;
    }

    private boolean chooseIfItFits(List<Chosen> tried) {
        Optional<RunConfig> config = loaded(tried);
        if (config.isEmpty()) {
            return false;
        }
        MemoryPlan then = MemoryPlan.of(config.get(), target);
        boolean fits = memory.fit(then, target.devices());
        if (fits) {
            choose(tried, config.get(), then);
        }
        return fits;
    }

    /** What each saves upon those before it. */
    private List<Switch> switches() {
        List<Switch> switches = new ArrayList<>();
        MemoryPlan before = MemoryPlan.of(load.apply(List.of()), target);
        for (int count = 1; count <= chosen.size(); count++) {
            MemoryPlan then = MemoryPlan.of(load.apply(overrides(chosen.subList(0, count))), target);
            switches.add(new Switch(
                    chosen.get(count - 1).set,
                    before.total() - then.total(),
                    then.total(),
                    memory.hostBytes(then, target.devices()),
                    memory.fit(then, target.devices())));
            before = then;
        }
        return List.copyOf(switches);
    }

    private static List<String> overrides(List<Chosen> chosen) {
        return chosen.stream().flatMap(one -> Stream.of(one.set.split(AND, -1))).toList();
    }

    /** Saves where there is too little, and costs nothing elsewhere, except that the host takes what is moved there. */
    private boolean isBetter(MemoryPlan then, String set) {
        long host = plan.host().total();
        boolean deviceIsFull = plan.total() > memory.device();
        boolean hostIsFull =
                memory.hostBytes(plan, target.devices()) > memory.host().orElse(Long.MAX_VALUE);
        boolean saves = (deviceIsFull && then.total() < plan.total())
                || (hostIsFull && then.host().total() < host);
        return saves && then.total() <= plan.total() && (then.host().total() <= host || set.equals(OFFLOAD));
    }

    /** A key may come twice, such as ZeRO 1 and 2: only the last is turned on. */
    private static String key(String set) {
        return set.substring(0, set.indexOf('='));
    }

    /** Not every value goes with every configuration: an expert count may not be divisible, for example. */
    private Optional<RunConfig> loaded(List<Chosen> tried) {
        try {
            return Optional.of(load.apply(overrides(tried)))
                    .filter(config -> RankDivision.problem(config.train(), target.devices())
                            .isEmpty());
        } catch (ConfigException unfit) {
            return Optional.empty();
        }
    }
}
