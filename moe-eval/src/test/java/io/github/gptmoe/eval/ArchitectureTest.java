package io.github.gptmoe.eval;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.github.gptmoe.eval", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ENGINE_STAYS_BEHIND_THE_KERNELS =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("ai.djl.pytorch..", "com.sun.jna..");

    @ArchTest
    static final ArchRule DECODING_NEEDS_NO_TENSORS = noClasses()
            .that()
            .implement(Decoding.class)
            .or()
            .implement(Truncation.class)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule NO_STATIC_STATE = fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule NO_CONSOLE =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");
}
